import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { parseArgs } from 'node:util'
import { BENCHMARKS } from './benchmarks.ts'
import type { Row } from './row.ts'

/** `npm run bench [-- NAME …] [--check] [--write] [--runs 3] [--seconds 10]`: a table of goals and what was got. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    runs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
  },
})

const RESULTS = 'bench/RESULTS.md'
const unknown = positionals.filter((name) => !(name in BENCHMARKS))
if (unknown.length > 0) {
  console.error(
    `There is no benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHMARKS).join(', ')}.`,
  )
  process.exit(2)
}
const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS)
const settings = { runs: Number(values.runs), seconds: Number(values.seconds) }
let missed = 0
for (const name of names) {
  const rows = await BENCHMARKS[name]!(settings)
  const text = section(name, rows)
  console.log(text)
  missed += rows.filter(({ met }) => met === false).length
  if (values.write) writeFileSync(RESULTS, withSection(name, text))
}
if (values.check && missed > 0) process.exitCode = 1
process.exit()

function section(name: string, rows: readonly Row[]): string {
  const commit = execFileSync('git', ['describe', '--always', '--exclude', '*', '--dirty=, changed since'], {
    encoding: 'utf8',
  }).trim()
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, Linux ${release()}, Node.js ${process.version}`
  const head = `## ${name}\n\n${new Date().toISOString().slice(0, 10)}, ${machine}, commit ${commit}, median of ${settings.runs} runs of ${settings.seconds} s\n`
  const table = rows.map(
    ({ what, got, goal, met }) =>
      `| ${what} | ${got} | ${goal} | ${met === undefined ? '' : met ? 'yes' : '**no**'} |`,
  )
  return [head, '| what | got | goal | met |', '|---|---|---|---|', ...table, ''].join('\n')
}

/** Replaces the section of this name, or adds it at the end. */
function withSection(name: string, text: string): string {
  const sections = readFileSync(RESULTS, 'utf8').split(/^(?=## )/m)
  const at = sections.findIndex((section) => section.startsWith(`## ${name}\n`))
  if (at < 0) sections.push(`${text}\n`)
  else sections[at] = `${text}\n`
  return sections.join('')
}
