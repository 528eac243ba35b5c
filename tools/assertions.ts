import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * `npm run assertions`: which rows of docs/assertions.md have a test whose title begins with their id. Exit
 * status 1 when one is missing whose feature exists. After a whole test run it also says which documented
 * answers no test has seen.
 */
const ROW = /^\| (API\d+-\d+) \| (.*) \| ([^|]*) \|$/gm
const TITLE = /\b(?:test|it)\(\s*[`'"]((?:API\d+-\d+[, ]*)+)/g

interface Row {
  id: string
  request: string
  waits_for: string
}

function rows(): Row[] {
  const page = readFileSync('docs/assertions.md', 'utf8')
  return [...page.matchAll(ROW)].map(([, id, request, waits_for]) => ({
    id: id!,
    request: request!,
    waits_for: waits_for!.trim(),
  }))
}

function idsOfTests(): Set<string> {
  const files = globSync(['src/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts'])
  const titles = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(TITLE)].map(([, ids]) => ids!),
  )
  return new Set(titles.flatMap((ids) => ids.match(/API\d+-\d+/g) ?? []))
}

/** Lines `METHOD /template STATUS` that test/support/answers.ts noted. */
function observed(folder: string): Set<string> {
  return new Set(readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n')))
}

const covered = idsOfTests()
const all = rows()
const missing = all.filter(({ id, waits_for }) => !covered.has(id) && waits_for === '')
const waiting = all.filter(({ id, waits_for }) => !covered.has(id) && waits_for !== '')
const unknown = [...covered].filter((id) => !all.some((row) => row.id === id))

console.log(`covered: ${all.filter(({ id }) => covered.has(id)).length} of ${all.length}`)
for (const [feature, those] of Map.groupBy(waiting, ({ waits_for }) => waits_for))
  console.log(`not yet there (${feature}): ${those.map(({ id }) => id).join(' ')}`)
for (const { id, request } of missing) console.log(`missing: ${id} ${request}`)
for (const id of unknown) console.log(`a test names ${id}, which docs/assertions.md does not have`)

const folder = process.env.TRADEWIND_OBSERVED
const unseen = folder ? unseenAnswers(observed(folder)) : []
for (const answer of unseen) console.log(`API9-02 documented, but no test has seen it: ${answer}`)
if (missing.length > 0 || unknown.length > 0 || unseen.length > 0) process.exitCode = 1

/** The documented answers are noted by the test of the inventory, as `documented METHOD /template STATUS`. */
function unseenAnswers(lines: Set<string>): string[] {
  return [...lines]
    .filter((line) => line.startsWith('documented '))
    .map((line) => line.slice('documented '.length))
    .filter((line) => !lines.has(line))
    .sort()
}
