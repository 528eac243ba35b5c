import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ALL_COLLECTIONS } from '../../src/collections.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import { newFields } from '../../src/shop/catalog/rules.ts'
import { PRODUCTS } from '../../src/shop/catalog/schema.ts'
import { createInventory } from '../../src/shop/inventory/inventory.ts'
import { openSqliteStorage } from '../../src/storage/sqlite/sqlite-storage.ts'
import { call, signInAsAdministrator } from './client.ts'
import { settled, startShop } from './process.ts'

const CACHE = resolve(import.meta.dirname, '../../.runtime/bench')
const BATCH = 500
const CATEGORIES = 40
const WORDS = 5_000
const IDS_KEPT = 20_000
/** So many of the oldest products can be bought. */
const IN_STOCK = 10_000
const STOCK = 1_000_000

export interface Seeded {
  directory: string
  /** Some of the products. */
  ids: string[]
  words: string[]
  categories: string[]
}

/** The folder of a shop with so many products; made once, kept below `.runtime/bench` and used where it lies. */
export async function seededFolder(products: number): Promise<Seeded> {
  const directory = join(CACHE, `products-${products}`)
  if (!existsSync(directory)) await make(products, directory)
  const seeded = JSON.parse(readFileSync(join(directory, 'seeded.json'), 'utf8')) as Omit<Seeded, 'directory'>
  return { ...seeded, directory }
}

async function make(count: number, kept: string): Promise<void> {
  const unfinished = `${kept}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  const categories = await makeCategories(unfinished)
  const storage = await openSqliteStorage({
    directory: unfinished,
    collections: ALL_COLLECTIONS,
    clock: systemClock,
  })
  const documents = storage.collection(PRODUCTS)
  const stocked = ({ id, skus }: { id: string; skus: string[] }) =>
    inventory.applyPending(id, [{ sku: skus[0]!, set: STOCK, ref: id }], 'system')
  const random = randomNumbers(count)
  const words = Array.from({ length: WORDS }, () => word(random))
  const inventory = createInventory({ storage, nodes: 'one', clock: systemClock })
  const ids: string[] = []
  const began = performance.now()
  for (let from = 0; from < count; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - from) }, () =>
      product(random, { words, categories }),
    )
    const verdicts = await documents.insertMany(batch)
    if (verdicts.some(({ ok }) => !ok)) throw new Error('a product of the benchmark was refused')
    if (from < IN_STOCK) await Promise.all(batch.map(stocked))
    const every = Math.ceil(count / IDS_KEPT)
    ids.push(...batch.filter((_, index) => (from + index) % every === 0).map(({ id }) => id))
    if (from % 50_000 === 0 && from > 0)
      console.error(
        `  seeding: ${from} of ${count}, ${Math.round(from / ((performance.now() - began) / 1_000))}/s`,
      )
  }
  await storage.close()
  const shop = await startShop({ directory: unfinished })
  await settled(shop)
  await shop.stop()
  writeFileSync(join(unfinished, 'seeded.json'), JSON.stringify({ ids, words, categories }))
  renameSync(unfinished, kept)
}

/** The tree comes through the front door, so that it is what the shop makes of it. */
async function makeCategories(directory: string): Promise<string[]> {
  const shop = await startShop({ directory })
  const token = await signInAsAdministrator(shop.url)
  const ids: string[] = []
  for (let number = 0; number < CATEGORIES; number++) {
    const parent_id = number < 8 ? undefined : ids[number % 8]
    const body = { name: `Category ${number}`, ...(parent_id && { parent_id }) }
    ids.push((await call<{ id: string }>(shop.url, { method: 'POST', path: '/categories', token, body })).id)
  }
  await shop.stop()
  return ids
}

/** A document of 1 to 2 KB as the catalogue makes it. */
function product(random: () => number, { words, categories }: { words: string[]; categories: string[] }) {
  const id = newId('prd')
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const some = (count: number) => Array.from({ length: count }, () => pick(words)).join(' ')
  const input = {
    name: some(4),
    price: { amount: 100 + Math.floor(random() * 19_900), currency: 'USD' },
    description: some(120),
    category_ids: [pick(categories)],
    tags: [`tag-${Math.floor(random() * 50)}`],
    attributes: { colour: `colour-${Math.floor(random() * 12)}`, size: `size-${Math.floor(random() * 6)}` },
    status: 'active' as const,
  }
  const at = new Date().toISOString()
  return { id, ...newFields(input, { id, slug: id.replace('_', '-') }), created_at: at, updated_at: at }
}

const SYLLABLES = 'ba ce di fo gu la me ni po ru sa te vi wo zu an er in or un'.split(' ')

function word(random: () => number): string {
  return Array.from(
    { length: 3 + Math.floor(random() * 2) },
    () => SYLLABLES[Math.floor(random() * SYLLABLES.length)],
  ).join('')
}

/** A linear congruential generator: the same products in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
