import type { CloudEvent, Topic } from '../kernel/event.ts'
import type { RollUps, RollUpWrite } from '../storage/roll-ups.ts'

export type SequenceVerdict = 'apply' | 'drop' | 'gap'

/**
 * The consumer contract per (topic, subject): what was seen is dropped, the next is applied, a gap is not
 * jumped over. Only where the log may hold an event twice; the embedded log cannot, so there nothing is kept.
 * The last sequences lie in a roll-up `<group>.sequences`, written after the results and before the
 * positions: a crash in between repeats events, which the results' own fences drop.
 */
export interface SequenceGate {
  /** Whether it keeps anything. */
  keeps: boolean
  /** Reads the last sequences of these events' subjects. */
  prepare(events: readonly { topic: Topic; event: CloudEvent }[]): Promise<void>
  judge(topic: Topic, event: CloudEvent): SequenceVerdict
  /** Keeps what was judged `apply`. */
  save(): Promise<void>
  /** Forgets what was judged since the last save; the batch failed. */
  reset(): void
}

export const OPEN_GATE: SequenceGate = {
  keeps: false,
  async prepare() {},
  judge: () => 'apply',
  async save() {},
  reset() {},
}

export function sequenceGate(rollUps: RollUps, group: string): SequenceGate {
  const name = `${group}.sequences`
  const stored = new Map<string, number>()
  const last = new Map<string, number>()

  return {
    keeps: true,
    async prepare(events) {
      stored.clear()
      last.clear()
      const ids = new Set<string>()
      for (const { topic, event } of events) if (event.sequence > 0) ids.add(`${topic}/${event.subject}`)
      for (const { id, body } of await rollUps.read(name, [...ids])) {
        stored.set(id, (body as { last: number }).last)
      }
    },
    judge(topic, event) {
      if (event.sequence <= 0) return 'apply'
      const id = `${topic}/${event.subject}`
      const before = last.get(id) ?? stored.get(id) ?? 0
      if (event.sequence <= before) return 'drop'
      if (event.sequence > before + 1) return 'gap'
      last.set(id, event.sequence)
      return 'apply'
    },
    async save() {
      const writes: RollUpWrite[] = [...last].map(([id, sequence]) => ({
        id,
        expected: stored.has(id) ? { last: stored.get(id)! } : null,
        fence: { last: sequence },
        body: { last: sequence },
      }))
      if (writes.length > 0 && !(await rollUps.write(name, writes, []))) {
        throw new Error(`the sequences of ${group} moved: another reader has the group`)
      }
      last.clear()
    },
    reset: () => last.clear(),
  }
}
