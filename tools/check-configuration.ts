import { globSync, readFileSync } from 'node:fs'
import { VARIABLES } from '../src/config.ts'

export interface DescribedVariable {
  fallback: string | undefined
  secret?: boolean
  docs: string
}

const BEGIN = '<!-- configuration: begin -->'
const END = '<!-- configuration: end -->'
const table = VARIABLES as Record<string, DescribedVariable>

/** `.env.example` and the README's table as the code has them; `npm run docs` writes both. */
export function environmentExample(variables: Record<string, DescribedVariable> = table): string {
  const entries = Object.entries(variables).map(([name, { fallback, docs }]) =>
    fallback === undefined ? `# ${docs}\n# ${name}=` : `# ${docs}\n${name}=${fallback}`,
  )
  return `# Configuration of Tradewind. Copied to .env by the first start; the environment wins over it.\n\n${entries.join('\n\n')}\n`
}

export function readmeTable(variables: Record<string, DescribedVariable> = table): string {
  const rows = Object.entries(variables).map(
    ([name, { fallback, docs }]) => `| \`${name}\` | ${fallback ? `\`${fallback}\`` : '–'} | ${docs} |`,
  )
  return [BEGIN, '| variable | default | meaning |', '|---|---|---|', ...rows, END].join('\n')
}

export function withReadmeTable(readme: string): string {
  const from = readme.indexOf(BEGIN)
  const to = readme.indexOf(END)
  if (from < 0 || to < 0) throw new Error(`README.md lacks the marks ${BEGIN} and ${END}`)
  return readme.slice(0, from) + readmeTable() + readme.slice(to + END.length)
}

/** What differs between the code, `.env.example` and the README; also variables read past the table, and those that nobody reads. */
export async function configurationFaults(): Promise<string[]> {
  const faults: string[] = []
  const readme = readFileSync('README.md', 'utf8')
  if (readFileSync('.env.example', 'utf8') !== environmentExample())
    faults.push('.env.example differs from src/config.ts: run npm run docs')
  if (readme !== withReadmeTable(readme))
    faults.push("the README's table of variables differs from src/config.ts: run npm run docs")
  for (const [, name] of readme.matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=[^`]*)?`/g)) {
    if (name && !(name in table) && !OTHERS.has(name))
      faults.push(`the README names ${name}, which is no variable of this version`)
  }
  const sources = globSync('src/**/*.{ts,mjs}').filter((path) => !path.endsWith('.test.ts'))
  return [...faults, ...readingFaults(sources.map((path) => ({ path, text: readFileSync(path, 'utf8') })))]
}

/** Variables that are read past the table, and those of the table that nobody reads. */
export function readingFaults(
  sources: readonly { path: string; text: string }[],
  names: readonly string[] = Object.keys(table),
): string[] {
  const past = sources.filter(({ path, text }) => /\bprocess\.env\b/.test(text) && !READS_ITSELF.has(path))
  const read = (name: string) => {
    const use = new RegExp(`[.{,]\\s*${name}\\b(?!: (variable|optional|secret)\\()`)
    return sources.some(({ text }) => use.test(text))
  }
  return [
    ...past.map(({ path }) => `${path} reads the environment past src/config.ts`),
    ...names.filter((name) => !read(name)).map((name) => `nobody reads ${name}`),
  ]
}

/** The table's own reader, and what has to come before the first module. */
const READS_ITSELF = new Set(['src/config.ts', 'src/boot.mjs'])

/** Names in capitals that the README may use without their being variables of the server. */
const OTHERS = new Set(['CLOUDINARY_URL', 'ERR_UNKNOWN_FILE_EXTENSION', 'UUID_V7'])
