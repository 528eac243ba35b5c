import { readFileSync } from 'node:fs'

const PERMISSIVE = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
  'CC0-1.0',
  'Python-2.0',
  'MIT-0',
  'CC-BY-4.0',
  'Zlib',
])
/** What links a library under the LGPL as a file of its own, unchanged: the user may put another in its place. */
const LINKED_LIBRARIES = /^@img\/sharp-/
const MAX_DIRECT = 30
const MAX_PRODUCTION = 140

interface Locked {
  optionalDependencies?: Record<string, string>
  version?: string
  license?: string
  dev?: boolean
  resolved?: string
  os?: string[]
  cpu?: string[]
  link?: boolean
}

/** Permissive licences, exact versions, packages of the registry only, and few of them. */
export async function licenceFaults(): Promise<string[]> {
  const faults: string[] = []
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> }
  const packages = Object.entries(lock.packages).filter(([path]) => path !== '')
  for (const [path, { license, resolved }] of packages) {
    const name = path.replace(/^.*node_modules\//, '')
    if (
      !license ||
      !(isPermissive(license) || (LINKED_LIBRARIES.test(name) && isPermissive(license, 'LGPL-3.0-or-later')))
    )
      faults.push(`${name} has the licence ${license ?? 'of nobody knows'}, which is not on the list`)
    if (resolved && /^(git|https?:\/\/[^/]*github)/.test(resolved))
      faults.push(`${name} does not come from the registry`)
  }
  for (const [path, { optionalDependencies = {} }] of packages) {
    for (const name of Object.keys(optionalDependencies)) {
      if (!lock.packages[`node_modules/${name}`])
        faults.push(`${path} may need ${name}, which the lockfile lacks: npm ci refuses`)
    }
  }
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    if (!/^\d/.test(version)) faults.push(`${name} is asked for as ${version}; an exact version is wanted`)
  }
  const direct = Object.keys(manifest.dependencies).length
  if (direct > MAX_DIRECT) faults.push(`${direct} direct dependencies, at most ${MAX_DIRECT} are wanted`)
  // Of a package that is there in a form for each platform, an installation has one, which its parent counts for.
  const production = packages.filter(([, { dev, os, cpu }]) => !dev && !os && !cpu).length
  if (production > MAX_PRODUCTION)
    faults.push(`${production} packages in production, at most ${MAX_PRODUCTION} are wanted`)
  return faults
}

function isPermissive(expression: string, also?: string): boolean {
  const alternatives = expression.replace(/[()]/g, '').split(/\s+OR\s+/)
  return alternatives.some((all) =>
    all.split(/\s+AND\s+/).every((licence) => PERMISSIVE.has(licence.trim()) || licence.trim() === also),
  )
}
