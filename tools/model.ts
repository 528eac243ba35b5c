import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { checkoutModel, parseSetting } from '../test/model/checkout-model.ts'
import { LARGE_RUNS, type Run, SMALL_RUNS } from '../test/model/checkout-runs.ts'
import { explore } from '../test/model/explore.ts'

/** `npm run model [-- SETTING]`: explores every configuration of docs/checkout.md, or the one given. */
const RELAY_MODEL = fileURLToPath(new URL('../test/model/relay-model.mjs', import.meta.url))
/** Arguments of the relay's model and the fault that each must show. */
const RELAY_RUNS: [string, string | null][] = [
  ['good 3 2 1 1', null],
  ['trimFirst 3 2 1 1', 'lost'],
  ['pipelined 3 2 1 1', 'first occurrences'],
  ['skipFailing 3 2 1 1', 'first occurrences'],
]

let failed = false

function report(ok: boolean, what: string, found: string) {
  failed ||= !ok
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${what} ${found}`)
}

function runCheckout({ setting, fault, states }: Run) {
  const started = Date.now()
  const found = explore(checkoutModel(parseSetting(setting)))
  const faults = [...found.violations.keys()]
  const asExpected = fault === null ? faults.length === 0 : faults.includes(fault)
  const sameSize = states === undefined || states === found.states
  const seconds = ((Date.now() - started) / 1_000).toFixed(1)
  report(
    asExpected && sameSize,
    `checkout ${setting}`,
    `${found.states} states, ${found.at_rest} at rest, ${seconds} s: ${faults.join('; ') || 'no violation'}`,
  )
  if (!asExpected) for (const [name, path] of found.violations) console.log(`       ${name}: ${path}`)
}

function runRelay() {
  if (!existsSync(RELAY_MODEL)) return report(false, 'relay', `${RELAY_MODEL} is missing`)
  for (const [setting, fault] of RELAY_RUNS) {
    const { stdout } = spawnSync(process.execPath, [RELAY_MODEL, ...setting.split(' ')], { encoding: 'utf8' })
    const violations = stdout.split('violations ')[1]?.trim() ?? 'no answer'
    report(fault === null ? violations === '0' : violations.includes(fault), 'relay', stdout.trim())
  }
}

const given = process.argv.slice(2).join(' ')
if (given) {
  runCheckout({ setting: given, fault: null })
} else {
  for (const run of [...SMALL_RUNS, ...LARGE_RUNS]) runCheckout(run)
  runRelay()
}
process.exitCode = failed ? 1 : 0
