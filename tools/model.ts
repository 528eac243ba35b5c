import { checkoutModel, parseSetting } from '../test/model/checkout-model.ts'
import { LARGE_RUNS, type Run, SMALL_RUNS } from '../test/model/checkout-runs.ts'
import { explore } from '../test/model/explore.ts'
import { moverModel } from '../test/model/mover-model.ts'
import type { MoverMode } from '../test/model/mover-state.ts'
import { type RelayMode, relayModel } from '../test/model/relay-model.ts'

/** `npm run model [-- SETTING]`: explores every configuration of docs/checkout.md, or the one given. */
const RELAY_RUNS: { mode: RelayMode; fault: string | null; states?: number }[] = [
  { mode: 'good', fault: null, states: 55_510 },
  { mode: 'trimFirst', fault: 'event lost' },
  { mode: 'pipelined', fault: 'out of order' },
  { mode: 'skipFailing', fault: 'out of order' },
]

/** Two movers of one document, a relay and a crash. */
const MOVER_RUNS: { mode: MoverMode; others: number; fault: string | null; states?: number }[] = [
  { mode: 'good', others: 0, fault: null, states: 18_019 },
  { mode: 'good', others: 1, fault: null, states: 243_008 },
  { mode: 'aheadUnseen', others: 1, fault: 'out of order' },
  { mode: 'positionsFirst', others: 0, fault: 'out of order' },
  { mode: 'goOn', others: 0, fault: 'out of order' },
  { mode: 'takeOutUnseen', others: 0, fault: 'event lost' },
  { mode: 'forgetThrough', others: 0, fault: 'event lost' },
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
  for (const { mode, fault, states } of RELAY_RUNS) {
    const model = relayModel({ mode, events: 3, relays: 2, crashes: 1, timeouts: 1 })
    const found = explore(model)
    const faults = [...found.violations.keys()]
    const asExpected = fault === null ? faults.length === 0 : faults.includes(fault)
    const outcome = `${found.states} states, up to ${model.maxDuplicates()} duplicates: ${faults.join('; ') || 'no violation'}`
    report(asExpected && (states ?? found.states) === found.states, `relay ${mode}`, outcome)
  }
}

function runMovers() {
  for (const { mode, others, fault, states } of MOVER_RUNS) {
    const found = explore(moverModel({ mode, events: 2, others, movers: 2, relays: 1, crashes: 1 }))
    const faults = [...found.violations.keys()]
    const asExpected = fault === null ? faults.length === 0 : faults.includes(fault)
    const outcome = `${found.states} states: ${faults.join('; ') || 'no violation'}`
    report(
      asExpected && (states ?? found.states) === found.states,
      `movers ${mode}, ${others} others`,
      outcome,
    )
  }
}

const given = process.argv.slice(2).join(' ')
if (given) {
  runCheckout({ setting: given, fault: null })
} else {
  for (const run of [...SMALL_RUNS, ...LARGE_RUNS]) runCheckout(run)
  runRelay()
  runMovers()
}
process.exitCode = failed ? 1 : 0
