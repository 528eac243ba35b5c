import type { Placed } from './repeats.ts'

/** Offsets of a partition that are remembered. */
const SPAN = 20_000

interface Span {
  from: number
  next: number
  repeats: Set<number>
}

/**
 * What was judged lately: the same records come again for the other groups of this node, and after a conflict. One
 * stretch per partition, which moves on with the fastest group.
 */
export function recentVerdicts() {
  const spans = new Map<number, Span>()

  const remember = (judged: Map<number, Span>) => {
    for (const [partition, { from, next, repeats }] of judged) {
      const span = spans.get(partition)
      if (!span || from > span.next) spans.set(partition, { from, next, repeats })
      else if (next >= span.from) {
        span.from = Math.min(span.from, from)
        span.next = Math.max(span.next, next)
        for (const offset of repeats) span.repeats.add(offset)
      }
      shorten(spans.get(partition)!)
    }
  }

  /** Those of `events` that are repeats; `judge` is asked for what is not known. */
  return async (
    events: readonly Placed[],
    judge: (unknown: readonly Placed[]) => Promise<ReadonlySet<Placed>>,
  ): Promise<ReadonlySet<Placed>> => {
    const found = new Set<Placed>()
    const unknown: Placed[] = []
    for (const event of events) {
      const span = spans.get(event.partition)
      if (!span || event.offset < span.from || event.offset >= span.next) unknown.push(event)
      else if (span.repeats.has(event.offset)) found.add(event)
    }
    if (unknown.length === 0) return found
    for (const event of await judge(unknown)) found.add(event)
    remember(spansOf(events, found))
    return found
  }
}

function spansOf(events: readonly Placed[], found: ReadonlySet<Placed>): Map<number, Span> {
  const spans = new Map<number, Span>()
  for (const event of events) {
    const { partition, offset } = event
    const span = spans.get(partition) ?? { from: offset, next: 0, repeats: new Set() }
    span.next = offset + 1
    if (found.has(event)) span.repeats.add(offset)
    spans.set(partition, span)
  }
  return spans
}

function shorten(span: Span): void {
  if (span.next - span.from <= SPAN) return
  span.from = span.next - SPAN
  for (const offset of span.repeats) if (offset < span.from) span.repeats.delete(offset)
}
