import { isDeepStrictEqual } from 'node:util'
import type { Facts, InboxFact } from './facts.ts'
import { grouped } from './grouped.ts'

/** What a notice of a provider that does nothing behind the shop's back may come to. */
const EXPECTED = new Set(['known', 'driven', 'compared'])

/**
 * I21: of what the provider tells, each notice is stored once, as it was told, and looked at once; of what others sign in its
 * name nothing is. What it counts as taken is there.
 */
export function webhookViolations({ inbox, orders, provider }: Facts): string[] {
  const told = new Map(provider.notices.map((notice) => [notice.id, notice]))
  const entries = grouped(inbox, ({ notice }) => notice.id)
  const lost = provider.notices.filter(({ id, copies }) => copies <= 0 && !entries.has(id))
  const taken = provider.forgeries.filter(({ status }) => status >= 200 && status < 300)
  const doubled = orders.flatMap(({ id, payment }) =>
    (payment?.operations ?? [])
      .filter(({ elsewhere }) => elsewhere)
      .map(({ kind }) => `I21: ${id} has a ${kind} that it did not ask for`),
  )
  return [
    ...[...entries]
      .filter(([, list]) => list.length > 1)
      .map(([id, list]) => `I21: the notice ${id} is ${list.length} times in the inbox`),
    ...inbox.flatMap((entry) => entryViolations(entry, told.get(entry.notice.id))),
    ...lost.map(({ id }) => `I21: the notice ${id} was acknowledged and is gone`),
    ...taken.map(({ notice, status }) => `I21: a forged ${notice} was answered with ${status}`),
    ...doubled,
  ]
}

function entryViolations(
  { notice, outcome, version, tries }: InboxFact,
  told: { body: string } | undefined,
): string[] {
  if (!told) return [`I21: the notice ${notice.id} was told by nobody`]
  const violations: string[] = []
  if (!isDeepStrictEqual(notice, JSON.parse(told.body)))
    violations.push(`I21: the notice ${notice.id} is not what the provider told`)
  if (outcome === undefined || !EXPECTED.has(outcome))
    violations.push(`I21: the notice ${notice.id} came to ${outcome ?? 'nothing'}`)
  // It is inserted, and changed by each look that failed and by the one that did not.
  if (version !== 2 + tries)
    violations.push(`I21: the notice ${notice.id} was changed ${version - 1} times in ${tries + 1} looks`)
  return violations
}
