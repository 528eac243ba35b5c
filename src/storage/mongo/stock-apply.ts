import { setTimeout as sleep } from 'node:timers/promises'
import type { StockOperation, StockOperations, StockVerdict } from '../stock.ts'
import { unavailable } from './errors.ts'
import { NO_VERSION, stockId } from './stock-documents.ts'
import type { createExchange } from './stock-exchange.ts'
import { createLines } from './stock-lines.ts'
import type { Seen } from './stock-updates.ts'
import type { createJudge, Reading } from './stock-verdicts.ts'

/** Operations of one command. */
const MAX_SENT = 200
/** Operations that wait for their turn; more are refused at once. */
const MAX_WAITING = 10_000
/** How long one is sent again while its document has no room for its event or others change it. */
const PATIENCE_MS = 700
const MIN_ATTEMPTS = 5
/** What has waited so long behind others when they fail is not sent any more: it certainly was not made. */
const LATE_MS = 2_000
/** Between attempts that brought no answer at all; the first of them wait for nothing. */
const PAUSES_MS = [0, 0, 10, 20, 40, 80]

interface Asked {
  operation: StockOperation
  seen: Seen
  attempts: number
  since: number
  answer(outcome: StockVerdict | Error): void
}

interface Needs {
  exchange: ReturnType<typeof createExchange>
  judge: ReturnType<typeof createJudge>
}

/**
 * Applies stock operations. While one exchange is under way, what is asked meanwhile forms the next: so many buyers of one SKU
 * meet its document one after the other within a command, and not all at once, where each makes the others begin again.
 */
export function createStockApplier({ exchange, judge }: Needs): StockOperations['apply'] {
  const lines = createLines<Asked>()
  let running = false

  async function work(): Promise<void> {
    running = true
    let inVain = 0
    while (lines.size() > 0) {
      const pause = PAUSES_MS[Math.min(inVain, PAUSES_MS.length - 1)]!
      if (pause > 0) await sleep(pause)
      const sent = lines.heads(MAX_SENT)
      const outcome = await exchange(sent).catch((error: Error) => error)
      const answered = settle(sent, outcome)
      if (outcome instanceof Error) settle(late(lines.all()), outcome)
      inVain = answered > 0 ? 0 : inVain + 1
    }
    running = false
  }

  /** Answers what can be answered and says how many that were. */
  function settle(sent: readonly Asked[], readings: Map<string, Reading> | Error): number {
    let answered = 0
    for (const asked of sent) {
      const outcome = readings instanceof Error ? readings : outcomeOf(asked, readings)
      if (outcome === undefined) continue
      lines.remove(asked)
      asked.answer(outcome)
      answered += 1
    }
    return answered
  }

  function outcomeOf(asked: Asked, readings: Map<string, Reading>): StockVerdict | Error | undefined {
    const reading = readings.get(stockId(asked.operation))
    try {
      const judgement = judge(asked.operation, reading)
      if (typeof judgement !== 'string') return judgement
    } catch (error) {
      return error as Error
    }
    asked.attempts += 1
    asked.seen = seenIn(asked.operation, reading)
    const tired = asked.attempts >= MIN_ATTEMPTS && performance.now() - asked.since > PATIENCE_MS
    return tired ? unavailable('Stock cannot be changed just now; try again.') : undefined
  }

  return (operations) =>
    new Promise((resolve, reject) => {
      if (lines.size() + operations.length > MAX_WAITING) {
        reject(unavailable('Too many changes of stock wait already.'))
        return
      }
      const outcomes: (StockVerdict | Error)[] = []
      let open = operations.length
      const end = () => {
        const failure = outcomes.find((outcome) => outcome instanceof Error)
        if (failure) reject(failure)
        else resolve(outcomes as StockVerdict[])
      }
      if (open === 0) end()
      for (const [place, operation] of operations.entries()) {
        const answer = (outcome: StockVerdict | Error) => {
          outcomes[place] = outcome
          open -= 1
          if (open === 0) end()
        }
        lines.add({ operation, seen: undefined, attempts: 0, since: performance.now(), answer })
      }
      if (!running && lines.size() > 0) void work()
    })
}

function late(waiting: readonly Asked[]): Asked[] {
  const since = performance.now() - LATE_MS
  return waiting.filter((asked) => asked.since < since)
}

function seenIn(operation: StockOperation, reading: Reading | undefined): Seen {
  const order_id = 'order_id' in operation ? operation.order_id : undefined
  return {
    there: reading !== undefined && reading.version > NO_VERSION,
    held: reading?.res.some(({ o }) => o === order_id) ?? false,
  }
}
