/** What is counted while the replay runs. */
export interface Tally {
  started_ms: number
  visits: number
  requests: number
  events: number
  cart_lines: number
  orders: number
  cancelled: number
  payments: number
  payments_refused: number
  refunds: number
  returns: number
  twice: number
  cut: number
  retried: number
  reconnected: number
  problems: string[]
  problem(sentence: string): void
}

/** Problems that are printed; the rest is only counted. */
const MAX_PROBLEMS = 1_000

export function createTally(): Tally {
  const problems: string[] = []
  return {
    started_ms: performance.now(),
    visits: 0,
    requests: 0,
    events: 0,
    cart_lines: 0,
    orders: 0,
    cancelled: 0,
    payments: 0,
    payments_refused: 0,
    refunds: 0,
    returns: 0,
    twice: 0,
    cut: 0,
    retried: 0,
    reconnected: 0,
    problems,
    problem(sentence) {
      if (problems.length < MAX_PROBLEMS) problems.push(sentence)
    },
  }
}
