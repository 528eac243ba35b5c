import type { Visit } from './plan.ts'

/**
 * Lets `shoppers` people at a time make all visits: those of one account one after the other in the order of
 * the file. Accounts with most visits come first, so that nobody is left alone at the end.
 */
export async function inCrowd(
  visits: readonly Visit[],
  shoppers: number,
  make: (visit: Visit) => Promise<void>,
): Promise<void> {
  const byAccount = Map.groupBy(visits, ({ account }) => account)
  const accounts = [...byAccount.values()].sort((a, b) => b.length - a.length)
  await eachOf(accounts, shoppers, async (own) => {
    for (const visit of own) await make(visit)
  })
}

/** Does `work` for every item, `workers` at a time. */
export async function eachOf<Item>(
  items: readonly Item[],
  workers: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]()
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for (let next = rest.next(); !next.done; next = rest.next()) await work(next.value)
    }),
  )
}
