import { type Mail, TOLD_KINDS, type ToldKind } from './schema.ts'

/** A mail whose turn has not come looks again so late at most; longer than a handover takes as a rule. */
const TURN_MS = 30_000

/** Below 0 when `one` is told first, of mails about the same order: as they were made; of those made at once, as an order goes. */
export function compareTurns(one: Mail, other: Mail): number {
  return compare(one.created_at, other.created_at) || rankOf(one) - rankOf(other) || compare(one.id, other.id)
}

/** The mails that go one after the other, each list in its order; lists go at once. */
export function inTurn(mails: readonly Mail[]): Mail[][] {
  const lists = Map.groupBy(mails, ({ id, order_id }) => order_id ?? id)
  return [...lists.values()].map((list) => list.sort(compareTurns))
}

/** The mail when it waits for one that is told before it: that is no try. */
export function behind(mail: Mail, before: Mail, { now, at }: { now: number; at: string }): Mail {
  return { ...mail, due_at: Math.min(before.due_at ?? now, now + TURN_MS) + 1, updated_at: at }
}

function rankOf({ kind }: Mail): number {
  return TOLD_KINDS.indexOf(kind as ToldKind)
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
