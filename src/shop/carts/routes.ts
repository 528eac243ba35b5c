import type { FastifyRequest } from 'fastify'
import type { App } from '../../http/app.ts'
import { expectedVersion, sendView } from '../../http/etag.ts'
import { requestKey } from '../../http/idempotency-key.ts'
import type { CartOwner, Carts } from './carts.ts'
import { CartItemChange, CartItemParams, CartItemQuery, CartQuery, CartView, NewCartItem } from './schema.ts'

const tags = ['cart']
const response = { 200: CartView }
/** A guest's first write makes the session by which the cart is found again. */
const writes = {
  access: 'anyone',
  bucket: 'write',
  guestSession: true,
  personal: true,
  versioned: true,
} as const

/** The caller's own cart; there is no way to name another. */
export function cartRoutes(app: App, { carts }: { carts: Carts }): void {
  app.get(
    '/cart',
    {
      config: { access: 'anyone', bucket: 'browse', personal: true },
      schema: { tags, summary: 'The cart, priced now', querystring: CartQuery, response },
    },
    async (request, reply) => sendView(reply, await carts.view(request.principal, request.query.country)),
  )

  app.post(
    '/cart/items',
    {
      config: { ...writes, keepsKeys: true },
      schema: { tags, summary: 'Adds pieces; takes Idempotency-Key', body: NewCartItem, response },
    },
    async (request, reply) => {
      const { cart, replayed } = await carts.addItem({
        ...editOf(request),
        item: request.body,
        request_key: requestKey(request),
      })
      if (replayed) reply.header('idempotent-replayed', 'true')
      return sendView(reply, cart)
    },
  )

  app.put(
    '/cart/items/:product_id',
    {
      config: writes,
      schema: {
        tags,
        summary: 'Sets the pieces of a line; 0 removes it',
        params: CartItemParams,
        body: CartItemChange,
        response,
      },
    },
    async (request, reply) => {
      const { product_id } = request.params
      return sendView(reply, await carts.setItem({ ...editOf(request), product_id, item: request.body }))
    },
  )

  app.delete(
    '/cart/items/:product_id',
    {
      config: writes,
      schema: {
        tags,
        summary: 'Removes a SKU, or all of the product when none is named',
        params: CartItemParams,
        querystring: CartItemQuery,
        response,
      },
    },
    async (request, reply) => {
      const { product_id } = request.params
      return sendView(
        reply,
        await carts.removeItem({ ...editOf(request), product_id, sku: request.query.sku }),
      )
    },
  )

  app.delete(
    '/cart',
    { config: writes, schema: { tags, summary: 'Empties the cart', response } },
    async (request, reply) => sendView(reply, await carts.clear(editOf(request))),
  )
}

function editOf(request: FastifyRequest) {
  return { principal: ownerOf(request), expected_version: expectedVersion(request) }
}

function ownerOf({ principal }: FastifyRequest): CartOwner {
  if (principal.kind === 'anonymous') throw new Error('a cart was to be written for nobody')
  return principal
}
