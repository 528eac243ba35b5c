import type { ExportedStock } from '../../src/storage/exported.ts'
import { PRODUCT_STATS } from '../../src/storage/listing.ts'
import { boundedStock } from '../../src/storage/mongo/import-stock.ts'
import { fenceText } from '../../src/storage/roll-ups.ts'
import type { StockLevel } from '../../src/storage/stock.ts'
import type { CollectionDefinition, Stored } from '../../src/storage/storage.ts'
import { canonical } from './canonical.ts'
import { type Copying, movedPositions, movedRollUp } from './copy-storage.ts'
import { type Finding, twin } from './findings.ts'
import { pages } from './pages.ts'
import { steadily } from './step.ts'

const PAGE = 500
const STOCK_PAGE = 50

/** Every document, as the shop will read it, in the order of the ids. */
export async function compareDocuments<T extends Stored>(
  { source, house }: Copying,
  definition: CollectionDefinition<T>,
): Promise<Finding> {
  const { name } = definition
  const { old, fresh, finding } = twin()
  const collection = house.reading.collection(definition)
  for await (const page of pages(
    (after: string) => source.shop.documents(name, after, PAGE),
    '',
    ({ id }) => id,
  )) {
    for (const { body } of page) old(canonical(JSON.parse(body)))
    for (const document of await steadily(() => collection.getMany(page.map(({ id }) => id))))
      fresh(canonical(document))
  }
  return finding(name, await steadily(() => house.count(name)))
}

const BALANCES = ['received', 'adjusted', 'available', 'reserved', 'sold'] as const

/** Stock with its reservations, tombstones and refs, and its sums as the port tells them. */
export async function compareStock({ source, house }: Copying): Promise<Finding[]> {
  const { old, fresh, finding } = twin()
  const before = noSums()
  const now = noSums()
  const keyOf = ({ product_id, sku }: ExportedStock) => ({ product_id, sku })
  const start: ReturnType<typeof keyOf> | null = null
  for await (const page of pages(
    (after: ReturnType<typeof keyOf> | null) => source.shop.stock(after, STOCK_PAGE).map(boundedStock),
    start,
    keyOf,
  )) {
    for (const one of page) {
      old(canonical(one))
      if (one.level)
        add(
          before,
          one.level,
          one.reserved.reduce((sum, { quantity }) => sum + quantity, 0),
        )
    }
    for (const one of await steadily(() => house.stockOf(page.map(keyOf)))) fresh(canonical(one))
  }
  for (let after: StockLevel | null = null; ; ) {
    const page: (StockLevel & { reserved_sum: number })[] = await steadily(() =>
      house.reading.stock.audit(after, PAGE),
    )
    for (const level of page) add(now, level, level.reserved_sum)
    if (page.length < PAGE) break
    after = page.at(-1)!
  }
  const sums = [...BALANCES, 'reservations' as const].map((what) => ({
    what: `stock: ${what}`,
    old: before[what].toLocaleString('en'),
    fresh: now[what].toLocaleString('en'),
    equal: before[what] === now[what],
  }))
  return [finding('stock', await steadily(() => house.count('stock'))), ...sums]
}

type Sums = Record<(typeof BALANCES)[number] | 'reservations', number>

function noSums(): Sums {
  return { received: 0, adjusted: 0, available: 0, reserved: 0, sold: 0, reservations: 0 }
}

function add(sums: Sums, level: StockLevel, reservations: number): void {
  for (const balance of BALANCES) sums[balance] += level[balance]
  sums.reservations += reservations
}

/** Every result of the consumers: its body, and its fence as it reads in the new log. */
export async function compareRollUps({ source, house, moved }: Copying): Promise<Finding[]> {
  const twins = new Map<string, ReturnType<typeof twin>>()
  const start: { name: string; id: string } | null = null
  for await (const page of pages(
    (after: { name: string; id: string } | null) => source.shop.rollUps(after, PAGE),
    start,
    ({ name, id }) => ({ name, id }),
  )) {
    for (const [name, some] of Map.groupBy(page, (one) => one.name)) {
      const known = twins.get(name) ?? twin()
      twins.set(name, known)
      for (const one of some) {
        const { id, fence, body } = movedRollUp(moved, one)
        known.old(canonical({ id, fence, body }))
      }
      const ids = some.map(({ id }) => id)
      for (const one of await steadily(() => house.reading.rollUps.read(name, ids)))
        known.fresh(canonical(one))
    }
  }
  const findings: Finding[] = []
  for (const [name, { finding }] of twins)
    findings.push(finding(`roll-up ${name}`, await steadily(() => house.countRollUps(name))))
  return findings
}

/** What lists say of products came from the roll-up as it is. */
export async function compareFigures({ source, house, moved }: Copying): Promise<Finding> {
  const { old, fresh, finding } = twin()
  const page = (after: string) =>
    source.shop.rollUps({ name: PRODUCT_STATS, id: after }, PAGE).filter(({ name }) => name === PRODUCT_STATS)
  for await (const some of pages(page, '', ({ id }) => id)) {
    const there = await steadily(() => house.figureFences(some.map(({ id }) => id)))
    const fences = new Map(there.map(({ id, fence }) => [id, fence]))
    for (const one of some) {
      if (!fences.has(one.id)) continue
      old(`${one.id} ${fenceText(movedRollUp(moved, one).fence)}`)
      fresh(`${one.id} ${fences.get(one.id)}`)
    }
  }
  return finding('figures of products in lists')
}

/** How far each group has read. */
export async function comparePositions({ source, house, moved }: Copying): Promise<Finding> {
  const { old, fresh, finding } = twin()
  const groups = Map.groupBy(movedPositions(moved, source.shop.positions()), ({ group }) => group)
  for (const [group, positions] of groups) {
    for (const one of positions) old(canonical(one))
    for (const one of await steadily(() => house.reading.rollUps.positions(group))) fresh(canonical(one))
  }
  return finding('positions of groups')
}

/** What waits for the log, and the positions that are given from now on. */
export async function compareOutbox({ source, house }: Copying): Promise<Finding> {
  const { old, fresh, finding } = twin()
  const inLog = (await source.log.outboxPosition())!
  for await (const page of pages(
    (after: number) => source.shop.outbox(after, PAGE),
    inLog,
    ({ position }) => position,
  )) {
    for (const one of page) old(canonical(one))
    const last = page.at(-1)!.position
    const there = await steadily(() => house.outboxAfter(page[0]!.position - 1, page.length))
    for (const one of there) if (one.position <= last) fresh(canonical(one))
  }
  return finding('outbox', await steadily(() => house.count('outbox')))
}
