import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { EVENT_TYPES } from '../../src/shop/events.ts'
import { incompatibilities, type JsonSchema, type Snapshot } from './event-compatibility.ts'

const SNAPSHOT = new URL('./event-schemas.json', import.meta.url)

function schemasNow(): Snapshot {
  const sorted = [...EVENT_TYPES].sort((a, b) => (a.type < b.type ? -1 : 1))
  return Object.fromEntries(
    sorted.map(({ type, topic, data }) => [
      type,
      { topic, data: JSON.parse(JSON.stringify(data)) as JsonSchema },
    ]),
  )
}

/** As the check of the format wants it. */
function write(): void {
  writeFileSync(SNAPSHOT, JSON.stringify(schemasNow(), null, 2))
  const biome = fileURLToPath(new URL('../../node_modules/@biomejs/biome/bin/biome', import.meta.url))
  execFileSync(process.execPath, [biome, 'format', '--write', fileURLToPath(SNAPSHOT)])
}

describe('the schemas of events', () => {
  it('stay readable for those who know the committed ones', () => {
    const committed = JSON.parse(readFileSync(SNAPSHOT, 'utf8')) as Snapshot
    assert.deepEqual(incompatibilities(committed, schemasNow()), [])
    if (process.env.UPDATE_EVENT_SCHEMAS) write()
  })

  it('are committed in their present form, so that a change shows in a review (UPDATE_EVENT_SCHEMAS=1 writes them)', () => {
    assert.deepEqual(JSON.parse(readFileSync(SNAPSHOT, 'utf8')), schemasNow())
  })

  it('name each type once', () => {
    const types = EVENT_TYPES.map(({ type }) => type)
    assert.deepEqual(types, [...new Set(types)])
  })

  const before: Snapshot = {
    sold: {
      topic: 'ecommerce-orders',
      data: {
        type: 'object',
        required: ['id', 'lines'],
        properties: {
          id: { type: 'string' },
          status: { enum: ['a', 'b'] },
          lines: {
            type: 'array',
            items: { type: 'object', required: ['sku'], properties: { sku: { type: 'string' } } },
          },
        },
      },
    },
  }
  const changed = (change: (data: JsonSchema) => void): string[] => {
    const after = structuredClone(before)
    change(after.sold!.data)
    return incompatibilities(before, after)
  }
  const line = (data: JsonSchema) => data.properties!.lines!.items as JsonSchema

  it('may get a further optional field or a further type', () => {
    assert.deepEqual(
      changed((data) => Object.assign(data.properties!, { note: { type: 'integer' } })),
      [],
    )
    assert.deepEqual(incompatibilities(before, { ...before, more: before.sold! }), [])
  })

  it('may not lose, rename, retype or require otherwise, at any depth, nor change their topic', () => {
    assert.equal(incompatibilities(before, {}).length, 1)
    assert.equal(
      incompatibilities(before, { sold: { ...before.sold!, topic: 'ecommerce-payments' } }).length,
      1,
    )
    assert.match(changed((data) => delete data.properties!.id)[0]!, /sold\/id/)
    assert.match(
      changed((data) => Object.assign(line(data).properties!, { sku: { type: 'integer' } }))[0]!,
      /sku/,
    )
    assert.match(changed((data) => Object.assign(line(data), { required: [] }))[0]!, /sku.*optional/)
    assert.match(
      changed((data) => Object.assign(data.properties!.status!, { enum: ['a', 'b', 'c'] }))[0]!,
      /status/,
    )
    assert.match(
      changed((data) => {
        data.properties!.extra = { type: 'string' }
        data.required!.push('extra')
      })[0]!,
      /extra/,
    )
  })
})
