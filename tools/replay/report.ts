import { Presets, SingleBar } from 'cli-progress'
import type { Plan } from './plan.ts'
import type { Tally } from './tally.ts'
import type { Finding } from './verify.ts'

const SHOWN_PROBLEMS = 10

export interface Progress {
  update(done: number): void
  stop(): void
}

/** A bar on a terminal; a line at the start and the end elsewhere. */
export function showProgress(title: string, total: number): Progress {
  if (!process.stdout.isTTY) {
    console.log(`${title}: ${total}`)
    return { update() {}, stop() {} }
  }
  const format = `${title} {bar} {percentage} % | {value} of {total} | {eta_formatted} left`
  const bar = new SingleBar({ format, fps: 4, hideCursor: true }, Presets.shades_classic)
  bar.start(total, 0)
  return { update: (done) => bar.update(done), stop: () => bar.stop() }
}

/** What was done and how fast. */
export function printRates(tally: Tally, plan: Plan, seconds: number): void {
  const rate = (count: number) => `${Math.round(count / seconds).toLocaleString('en')}/s`
  const rows: [string, number, string][] = [
    ['visits', tally.visits, rate(tally.visits)],
    ['requests', tally.requests, rate(tally.requests)],
    ['clickstream events', tally.events, rate(tally.events)],
    ['cart lines', tally.cart_lines, rate(tally.cart_lines)],
    ['orders', tally.orders, rate(tally.orders)],
    ['orders cancelled', tally.cancelled, ''],
    ...(plan.pay === 'card' ? cardRows(tally) : []),
    ['cancelled invoices unmatched', plan.unmatched, ''],
    ['requests sent twice', tally.twice, ''],
    ['requests cut and repeated', tally.cut, ''],
    ['answers "try again"', tally.retried, ''],
    ['connections lost', tally.reconnected, ''],
  ]
  console.log(`\n${seconds.toFixed(1)} s`)
  for (const [name, count, speed] of rows) {
    console.log(`${name.padEnd(32)}${count.toLocaleString('en').padStart(14)}${speed.padStart(12)}`)
  }
}

function cardRows(tally: Tally): [string, number, string][] {
  return [
    ['payments by card', tally.payments, ''],
    ['payments refused', tally.payments_refused, ''],
    ['refunds of a part', tally.refunds, ''],
    ['returns of a part', tally.returns, ''],
  ]
}

/** The table of findings and the problems; true when the shop says what the file says. */
export function printVerdict(findings: readonly Finding[], tally: Tally): boolean {
  console.log(`\n${''.padEnd(44)}${'file'.padStart(16)}${'shop'.padStart(16)}`)
  for (const { what, file, shop } of findings) {
    const numbers = [file, shop].map((number) => number.toLocaleString('en').padStart(16)).join('')
    console.log(`${what.padEnd(44)}${numbers}${file === shop ? '' : '  differs'}`)
  }
  const differing = findings.filter(({ file, shop }) => file !== shop).length
  for (const problem of tally.problems.slice(0, SHOWN_PROBLEMS)) console.log(`problem: ${problem}`)
  const right = differing === 0 && tally.problems.length === 0
  console.log(
    right
      ? '\nThe shop says what the file says.'
      : `\n${differing} figures differ, ${tally.problems.length} problems on the way.`,
  )
  return right
}
