import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../..')

export const read = (name: string) => readFileSync(join(ROOT, name), 'utf8')

export interface Instruction {
  name: string
  rest: string
}

/** The instructions of the Dockerfile's last stage, each on one line. */
export function imageInstructions(): Instruction[] {
  const lines = read('Dockerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name = '', ...rest] = line.split(' ')
      return { name, rest: rest.join(' ') }
    })
  return lines.slice(lines.findLastIndex(({ name }) => name === 'FROM'))
}

export function restOf(name: string): string {
  const found = imageInstructions().findLast((instruction) => instruction.name === name)
  if (!found) throw new Error(`the Dockerfile has no ${name}`)
  return found.rest
}

/** The words of a command, which the Dockerfile writes as JSON. */
export function wordsOf(rest: string): string[] {
  return JSON.parse(rest.slice(rest.indexOf('['))) as string[]
}

/** Variables that the image sets. */
export function imageEnvironment(): Record<string, string> {
  return Object.fromEntries(
    restOf('ENV')
      .split(/\s+/)
      .map((pair) => pair.split('=') as [string, string]),
  )
}

/** What the build takes from this folder, without what .dockerignore keeps out. */
export function copiedNames(): string[] {
  return imageInstructions()
    .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from'))
    .flatMap(({ rest }) => rest.split(' ').slice(0, -1))
}

/** Lays out the image's /app: its files, and links to the packages that `npm ci --omit=dev` would install. */
export function layOut(app: string): void {
  for (const name of copiedNames())
    cpSync(join(ROOT, name), join(app, name), {
      recursive: true,
      filter: (path) => !path.endsWith('.test.ts'),
    })
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { dev?: boolean }> }
  for (const [path, { dev }] of Object.entries(lock.packages)) {
    const nested = path.lastIndexOf('node_modules/') > 0
    if (path === '' || dev || nested || !existsSync(join(ROOT, path))) continue
    mkdirSync(dirname(join(app, path)), { recursive: true })
    symlinkSync(join(ROOT, path), join(app, path))
  }
}

/** Variables that compose.yaml gives to the shop, with what stands for them. */
export function composeEnvironment(): Record<string, string> {
  const text = read('compose.yaml')
  const block = /^x-shop:[\s\S]*?^ {2}environment:\n((?: {4}.*\n)+)/m.exec(text)
  if (!block) throw new Error('compose.yaml has no environment of the shop')
  const lines = block[1]!.trimEnd().split('\n')
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(': ')
      return [line.slice(0, at).trim(), line.slice(at + 2)]
    }),
  )
}
