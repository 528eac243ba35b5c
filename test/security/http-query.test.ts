import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Type } from 'typebox'
import { PageQuery } from '../../src/http/paging.ts'
import { type Served, serve } from '../support/http-server.ts'

let served: Served

before(async () => {
  served = await serve({
    routes(app) {
      const querystring = Type.Object(
        { ...PageQuery, name: Type.Optional(Type.String()), in_stock: Type.Optional(Type.Boolean()) },
        { additionalProperties: false },
      )
      const response = {
        200: Type.Object({ limit: Type.Integer(), in_stock: Type.Optional(Type.Boolean()) }),
      }
      app.get(
        '/items',
        { config: { access: 'anyone' }, schema: { querystring, response } },
        async ({ query }) => ({
          limit: query.limit!,
          in_stock: query.in_stock,
        }),
      )
      const plain = { 200: Type.Object({}) }
      app.get('/plain', { config: { access: 'anyone' }, schema: { response: plain } }, async () => ({}))
    },
  })
})
after(() => served.close())

async function refused(query: string, name?: string): Promise<void> {
  const { status, body, text } = await served.client.get(`/items?${query}`)
  assert.equal(status, 400, `${query}: ${text}`)
  assert.equal(body.code, 'invalid_query')
  if (name)
    assert.ok(
      body.errors.some((fault: { pointer: string }) => fault.pointer === name),
      text,
    )
}

test('API4-05 a page size is a whole number from 1 to 100, written as one', async () => {
  for (const limit of [
    '1000000',
    '-1',
    '1e3',
    '0',
    '101',
    '+5',
    '%205',
    '5.0',
    '0x10',
    '',
    'NaN',
    '99999999999999999999',
  ])
    await refused(`limit=${limit}`, 'limit')
  await refused('page=999999', 'page')
  await refused('limit=5&limit=6', 'limit')
  assert.deepEqual((await served.client.get('/items?limit=100&in_stock=true')).body, {
    limit: 100,
    in_stock: true,
  })
  assert.deepEqual((await served.client.get('/items')).body, { limit: 20 })
})

test('API3-11 parameters that do not exist are refused by name, also where there are none at all', async () => {
  for (const name of ['fields', 'sort', 'expand']) await refused(`${name}=passwordHash`, name)
  await refused('filter[role]=admin')
  assert.equal((await served.client.get('/plain?x=1')).status, 400)
})

test('API3-13 parameters that reach into prototypes are refused and change nothing', async () => {
  for (const query of ['__proto__[admin]=1', 'constructor[prototype][x]=1', '__proto__=1', 'constructor=1'])
    await refused(query)
  assert.equal(({} as { admin?: string; x?: string }).admin, undefined)
})

test('API8-01 operators of a database in a query are unknown parameters', async () => {
  for (const query of ['name[$ne]=x', 'price[$gt]=0', '$where=1']) await refused(query)
  assert.equal((await served.client.get('/items?name=$gt')).status, 200)
  await refused('in_stock=yes', 'in_stock')
})
