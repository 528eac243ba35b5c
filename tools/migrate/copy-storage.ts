import { KEPT_EVENTS_GROUP } from '../../src/shop/clickstream/kept-events.ts'
import { CLICKSTREAM_TOPIC } from '../../src/shop/clickstream/schema.ts'
import type { ExportedStock, NamedRollUp } from '../../src/storage/exported.ts'
import { PRODUCT_STATS } from '../../src/storage/listing.ts'
import type { MongoImport } from '../../src/storage/mongo/import.ts'
import { boundedStock } from '../../src/storage/mongo/import-stock.ts'
import type { GroupPosition } from '../../src/storage/roll-ups.ts'
import type { CollectionDefinition, Stored } from '../../src/storage/storage.ts'
import type { Parked } from '../../src/stream/parking.ts'
import { movedFence, movedOffset, type Runs } from './offsets.ts'
import type { Sequences } from './sequences.ts'
import type { Source } from './source.ts'
import { runStep, type Stepping, steadily } from './step.ts'

const DOCUMENTS = 500
/** Each may hold thousands of reservations and tombstones. */
const STOCK_DOCUMENTS = 50
const ROLL_UPS = 500
const ENTRIES = 500

export interface Copying extends Stepping {
  source: Source
  house: MongoImport
  /** Where events lie in the new log; empty when the log stays. */
  moved: Runs
  /** Null when the log stays: on the embedded log nobody keeps them. */
  sequences: Sequences | null
}

export async function copyDocuments<T extends Stored>(
  copying: Copying,
  definition: CollectionDefinition<T>,
): Promise<void> {
  const { source, house, sequences } = copying
  const { name } = definition
  await runStep<T, string>(copying, {
    name,
    page: (after) => source.shop.documents(name, after ?? '', DOCUMENTS).map(({ body }) => JSON.parse(body)),
    positionOf: ({ id }) => id,
    async write(documents, page) {
      await house.documents(definition, documents, page)
      const last = documents.flatMap(({ id, sequences: counted = {} }) =>
        sequences ? sequences.of(`${name}/${id}`, counted) : [],
      )
      await house.rollUps(last, page)
    },
  })
}

export async function copyStock(copying: Copying): Promise<void> {
  const { source, house, sequences } = copying
  await runStep<ExportedStock, { product_id: string; sku: string }>(copying, {
    name: 'stock',
    page: (after) => source.shop.stock(after, STOCK_DOCUMENTS).map(boundedStock),
    positionOf: ({ product_id, sku }) => ({ product_id, sku }),
    async write(stock, page) {
      await house.stock(stock, page)
      const last = stock.flatMap(({ product_id, sku, sequence }) =>
        sequences ? sequences.of(`stock/${product_id}/${sku}`, { 'ecommerce-inventory': sequence }) : [],
      )
      await house.rollUps(last, page)
    },
  })
}

/** Results of the consumers and what they have parked, with fences that say the same of the new log. */
export async function copyRollUps(copying: Copying): Promise<void> {
  const { source, house, moved, sequences } = copying
  await runStep<NamedRollUp, { name: string; id: string }>(copying, {
    name: 'roll-ups',
    page: (after) => source.shop.rollUps(after, ROLL_UPS),
    positionOf: ({ name, id }) => ({ name, id }),
    write: (rollUps, page) =>
      house.rollUps(
        rollUps.map((one) => movedRollUp(moved, one)),
        page,
      ),
  })
  const left = sequences?.left() ?? []
  await steadily(() => house.rollUps(left, { doubtful: true }))
  // After the documents and the roll-up: it joins the two.
  await runStep<string, string>(copying, {
    name: 'figures',
    page: (after) =>
      source.shop
        .rollUps({ name: PRODUCT_STATS, id: after ?? '' }, ROLL_UPS)
        .filter(({ name }) => name === PRODUCT_STATS)
        .map(({ id }) => id),
    positionOf: (id) => id,
    write: (ids) => house.figures(ids),
  })
}

const PARKED = 'parked'

export function movedRollUp(moved: Runs, { name, id, fence, body }: NamedRollUp): NamedRollUp {
  return { name, id, fence: movedFence(moved, fence), body: name === PARKED ? movedNote(moved, body) : body }
}

function movedNote(moved: Runs, body: unknown): Parked {
  const parked = body as Parked
  const runs = moved.get(`${parked.topic}/${parked.partition}`)
  if (!runs) return parked
  const { resumed } = parked
  const behind = resumed === undefined ? {} : { resumed: movedOffset(runs, resumed) }
  return { ...parked, offset: movedOffset(runs, parked.offset), ...behind }
}

export function movedPositions(moved: Runs, positions: readonly GroupPosition[]): GroupPosition[] {
  return positions.map((one) => {
    const runs = moved.get(`${one.topic}/${one.partition}`)
    return runs ? { ...one, offset: movedOffset(runs, one.offset) } : one
  })
}

/** Events that the old log has not taken yet, and the positions that the outbox goes on with. */
export async function copyOutbox(copying: Copying): Promise<void> {
  const { source, house } = copying
  const inLog = (await source.log.outboxPosition())!
  await runStep(copying, {
    name: 'outbox',
    page: (after: number | null) => source.shop.outbox(after ?? inLog, ENTRIES),
    positionOf: ({ position }) => position,
    write: (entries, page) => house.outbox(entries, page),
  })
  await steadily(() => house.history({ given: source.shop.given(), acknowledged: inLog }))
}

/** How far each group has read; the group that keeps newest events has read all there is. */
export async function copyPositions({ source, house, moved }: Copying): Promise<void> {
  const kept = [...moved].flatMap(([place, runs]): GroupPosition[] => {
    const [topic, partition] = place.split('/') as [string, string]
    if (topic !== CLICKSTREAM_TOPIC) return []
    const offset = movedOffset(runs, Number.POSITIVE_INFINITY)
    return [{ group: KEPT_EVENTS_GROUP, topic, partition: Number(partition), offset }]
  })
  await steadily(() =>
    house.positions([...movedPositions(moved, source.shop.positions()), ...kept], { doubtful: true }),
  )
}
