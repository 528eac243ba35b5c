import { Type } from 'typebox'
import { type App, userOf } from '../../http/app.ts'
import { sendView } from '../../http/etag.ts'
import { DEFAULT_PAGE, decodeCursor, encodeCursor, PageQuery } from '../../http/paging.ts'
import { CartView } from '../carts/schema.ts'
import {
  MoveToCart,
  NewWish,
  SharedWishlistView,
  ShareLink,
  WishlistView,
  WishParams,
  WishView,
} from './wish-schema.ts'
import type { Wishlist } from './wishlist.ts'

const tags = ['wishlist']
const closed = { additionalProperties: false } as const
/** What an ended session may no longer do. */
const writes = { access: 'user', bucket: 'write', fresh: true } as const

/** The caller's own wishlist, and what others see of one whose link they have. */
export function wishlistRoutes(app: App, { wishlist }: { wishlist: Wishlist }): void {
  app.get(
    '/wishlist',
    {
      config: { access: 'user', bucket: 'browse' },
      schema: {
        tags,
        summary: 'The wishlist, newest first, with changes of price and stock since',
        querystring: Type.Object({ ...PageQuery, include: Type.Optional(Type.Enum(['total'])) }, closed),
        response: { 200: WishlistView },
      },
    },
    async (request) => {
      const { id } = userOf(request)
      const { limit = DEFAULT_PAGE, cursor, include } = request.query
      const context = ['wishlist', id]
      const after = decodeCursor<{ value: string; id: string }>(cursor, context)
      const total = include === 'total'
      const { next, ...found } = await wishlist.list(id, { limit, total, ...(after && { after }) })
      return { ...found, next_cursor: encodeCursor(next, context) }
    },
  )

  app.post(
    '/wishlist/items',
    {
      config: writes,
      schema: {
        tags,
        summary: 'Wish for a product; 200 when it is there already',
        description:
          'One wish a product: another `sku` takes the place of the one before, with its price and stock of now.',
        body: NewWish,
        response: { 200: WishView, 201: WishView },
      },
    },
    async (request, reply) => {
      const { wish, added } = await wishlist.add(userOf(request).id, request.body)
      return reply.code(added ? 201 : 200).send(wish)
    },
  )

  app.delete(
    '/wishlist/items/:product_id',
    {
      config: writes,
      schema: { tags, summary: 'Take a product out', params: WishParams, response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      await wishlist.remove(userOf(request).id, request.params.product_id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/wishlist/items/:product_id/move-to-cart',
    {
      config: { ...writes, idempotent: true },
      schema: {
        tags,
        summary: 'Put it into the cart and take it out of the wishlist, once',
        params: WishParams,
        body: Type.Union([MoveToCart, Type.Null()]),
        response: { 200: CartView },
      },
    },
    async (request, reply) => {
      const { product_id } = request.params
      const asked = { product_id, request: request.body ?? {}, operation: request.operationId }
      return sendView(reply, await wishlist.move({ user: userOf(request), ...asked }))
    },
  )

  app.post(
    '/wishlist/share',
    {
      config: writes,
      schema: {
        tags,
        summary: 'A new link by which others may read the wishlist; the one before it is over',
        response: { 201: ShareLink },
      },
    },
    async (request, reply) => reply.code(201).send(await wishlist.share(userOf(request).id)),
  )

  app.delete(
    '/wishlist/share',
    {
      config: writes,
      schema: { tags, summary: 'No link works any more', response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      await wishlist.revoke(userOf(request).id)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/wishlists/:token',
    {
      // A link that was revoked is not to be shown by whoever keeps answers.
      config: { access: 'anyone', bucket: 'browse', personal: true },
      schema: {
        tags,
        summary: 'A wishlist that somebody shares',
        params: Type.Object({ token: Type.String({ minLength: 1, maxLength: 64 }) }, closed),
        querystring: Type.Object(PageQuery, closed),
        response: { 200: SharedWishlistView },
      },
    },
    async ({ params: { token }, query: { limit = DEFAULT_PAGE, cursor } }) => {
      const context = ['shared wishlist', token]
      const after = decodeCursor<{ value: string; id: string }>(cursor, context)
      const { items, next } = await wishlist.shared(token, { limit, ...(after && { after }) })
      return { items, next_cursor: encodeCursor(next, context) }
    },
  )
}
