import type { CloudEvent, Topic } from '../kernel/event.ts'
import type { GroupPosition, RollUps, RollUpWrite } from '../storage/roll-ups.ts'
import { slices } from './slices.ts'

export type SequenceVerdict = 'apply' | 'drop' | 'gap'

const GAP = 'follows a gap'

/** Why an event is parked whose predecessor is missing. */
export function gapBefore(sequence: number): string {
  return `sequence ${sequence} ${GAP}`
}

export function isGap(reason: string): boolean {
  return reason.endsWith(GAP)
}

/** What the gate has to know of an event; `place` is its `topic/partition`. */
export interface Sequenced {
  topic: Topic
  place: string
  event: Pick<CloudEvent, 'subject' | 'sequence'>
}

/**
 * The consumer contract per (topic, subject): what was seen is dropped, the next is applied, a gap is not
 * jumped over. Only where the log may hold an event twice; the embedded log cannot, so there nothing is kept.
 * The last sequences lie in a roll-up of their own, written after the results and before the positions: a crash in
 * between repeats events, which the results' own fences drop.
 */
export interface SequenceGate {
  /** Whether it keeps anything. */
  keeps: boolean
  /** Reads the last sequences of these events' subjects. */
  prepare(events: readonly Sequenced[]): Promise<void>
  judge(event: Sequenced): SequenceVerdict
  /** Keeps what was judged `apply`, then raises the positions. False when another node had moved one of them. */
  save(positions: readonly GroupPosition[]): Promise<boolean>
}

export const OPEN_GATE: SequenceGate = {
  keeps: false,
  async prepare() {},
  judge: () => 'apply',
  save: async () => true,
}

/** Sequences of one read and of one write, so that neither keeps requests waiting. */
const READ_AT_ONCE = 128
const WRITTEN_AT_ONCE = 500

export interface SequenceGateOptions {
  rollUps: Pick<RollUps, 'read' | 'write'>
  /** Name of the roll-up. */
  name: string
  /** Whether retention took the beginning of this place: there a subject may be met in the middle. */
  trimmed(place: string): boolean
}

export function sequenceGate({ rollUps, name, trimmed }: SequenceGateOptions): SequenceGate {
  const stored = new Map<string, number>()
  const last = new Map<string, number>()

  return {
    keeps: true,
    async prepare(events) {
      stored.clear()
      last.clear()
      const wanted = new Set<string>()
      for (const one of events) if (one.event.sequence > 0) wanted.add(idOf(one))
      const ids = [...wanted]
      const slice = slices({ looks: 1 })
      for (let from = 0; from < ids.length; from += READ_AT_ONCE) {
        for (const { id, body } of await rollUps.read(name, ids.slice(from, from + READ_AT_ONCE)))
          stored.set(id, (body as { last: number }).last)
        await slice()
      }
    },
    judge(one) {
      const { sequence } = one.event
      if (sequence <= 0) return 'apply'
      const id = idOf(one)
      const before = last.get(id) ?? stored.get(id) ?? 0
      if (sequence <= before) return 'drop'
      if (sequence > before + 1 && !(before === 0 && trimmed(one.place))) return 'gap'
      last.set(id, sequence)
      return 'apply'
    },
    async save(positions) {
      const writes: RollUpWrite[] = [...last].map(([id, sequence]) => ({
        id,
        expected: stored.has(id) ? { last: stored.get(id)! } : null,
        fence: { last: sequence },
        body: { last: sequence },
      }))
      let from = 0
      do {
        const part = writes.slice(from, from + WRITTEN_AT_ONCE)
        from += WRITTEN_AT_ONCE
        if (!(await rollUps.write(name, part, from >= writes.length ? positions : []))) return false
      } while (from < writes.length)
      return true
    },
  }
}

function idOf({ topic, event }: Sequenced): string {
  return `${topic}/${event.subject}`
}
