import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

const MAX_LINES = 250
const MAX_MEDIAN_LINES = 60

/** Files that git knows or would know. */
export function projectFiles(...patterns: string[]): string[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...patterns],
    {
      encoding: 'utf8',
    },
  )
  return listed.split('\n').filter((path) => path !== '' && existsSync(path))
}

/** No file over 250 lines; half of the files of `src/` under 60. */
export async function fileFaults(): Promise<string[]> {
  const faults: string[] = []
  const sizes = projectFiles('*.ts', '*.mjs', '*.sh').map((path) => ({ path, lines: lines(path) }))
  for (const { path, lines } of sizes) {
    if (lines > MAX_LINES)
      faults.push(`${path} has ${lines} lines, more than ${MAX_LINES}: split it by subject`)
  }
  const sources = sizes.filter(({ path }) => path.startsWith('src/') && !path.endsWith('.test.ts'))
  const median = sources.map(({ lines }) => lines).sort((a, b) => a - b)[Math.floor(sources.length / 2)] ?? 0
  if (median >= MAX_MEDIAN_LINES)
    faults.push(`half of the files of src/ have ${median} lines or more, wanted under ${MAX_MEDIAN_LINES}`)
  return faults
}

function lines(path: string): number {
  return readFileSync(path, 'utf8').split('\n').length - 1
}
