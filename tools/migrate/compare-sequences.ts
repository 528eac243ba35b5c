import type { NamedRollUp } from '../../src/storage/exported.ts'
import type { CollectionDefinition, Stored } from '../../src/storage/storage.ts'
import { canonical } from './canonical.ts'
import type { Copying } from './copy-storage.ts'
import { type Finding, twin } from './findings.ts'
import { pages } from './pages.ts'
import type { Sequences } from './sequences.ts'
import { steadily } from './step.ts'

const PAGE = 500

/** The last sequence of every subject that each group has taken, as the documents count them. */
export async function compareSequences(
  { source, house }: Pick<Copying, 'source' | 'house'>,
  sequences: Sequences,
  definitions: readonly Pick<CollectionDefinition<never>, 'name'>[],
): Promise<Finding[]> {
  const twins = new Map<string, ReturnType<typeof twin>>()
  const look = async (wanted: readonly NamedRollUp[]) => {
    for (const [name, some] of Map.groupBy(wanted, (one) => one.name)) {
      const known = twins.get(name) ?? twin()
      twins.set(name, known)
      for (const { id, fence, body } of some) known.old(canonical({ id, fence, body }))
      const ids = some.map(({ id }) => id)
      for (const one of await steadily(() => house.reading.rollUps.read(name, ids)))
        known.fresh(canonical(one))
    }
  }
  for (const { name } of definitions) {
    const page = (after: string) => source.shop.documents(name, after, PAGE)
    for await (const some of pages(page, '', ({ id }) => id)) {
      const documents = some.map(({ body }) => JSON.parse(body) as Stored)
      await look(
        documents.flatMap(({ id, sequences: counted = {} }) => sequences.of(`${name}/${id}`, counted)),
      )
    }
  }
  const key = ({ product_id, sku }: { product_id: string; sku: string }) => ({ product_id, sku })
  const stockPage = (after: ReturnType<typeof key>) => source.shop.stock(after, PAGE)
  for await (const some of pages(stockPage, { product_id: '', sku: '' }, key)) {
    await look(
      some.flatMap(({ product_id, sku, sequence }) =>
        sequences.of(`stock/${product_id}/${sku}`, { 'ecommerce-inventory': sequence }),
      ),
    )
  }
  await look(sequences.left())
  const findings: Finding[] = []
  for (const [name, { finding }] of twins)
    findings.push(finding(`roll-up ${name}`, await steadily(() => house.countRollUps(name))))
  return findings
}
