import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type App, userOf } from '../../http/app.ts'
import { expectedVersion, tagged } from '../../http/etag.ts'
import { DEFAULT_PAGE, decodeCursor, encodeCursor, PageQuery } from '../../http/paging.ts'
import { REVIEW_SORTS } from './list-rules.ts'
import { NewReview, ReviewChange } from './requests-schema.ts'
import type { ReviewPage, Reviews } from './reviews.ts'
import { MAX_RATING } from './schema.ts'
import { OwnReviews, OwnReviewView, ProductReviews, ReviewView } from './view-schema.ts'

const tags = ['reviews']
const closed = { additionalProperties: false } as const
const ProductParams = Type.Object(
  { id: Type.String({ minLength: 1, maxLength: 64, description: 'Id or slug' }) },
  closed,
)
export const ReviewParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) }, closed)
export const ListQuery = { ...PageQuery, include: Type.Optional(Type.Enum(['total'])) }
/** What an ended session may no longer do. */
const writes = { access: 'user', bucket: 'write', fresh: true } as const

/** What shoppers read and write of reviews. */
export function reviewRoutes(app: App, { reviews }: { reviews: Reviews }): void {
  app.get(
    '/products/:id/reviews',
    {
      config: { access: 'anyone', bucket: 'browse' },
      schema: {
        tags,
        summary: 'What customers think of a product',
        params: ProductParams,
        querystring: Type.Object(
          {
            ...ListQuery,
            sort: Type.Optional(Type.Enum([...REVIEW_SORTS], { description: '`-created_at`, if left out' })),
            rating: Type.Optional(
              Type.Integer({ minimum: 1, maximum: MAX_RATING, description: 'Those with so many stars' }),
            ),
          },
          closed,
        ),
        response: { 200: ProductReviews },
      },
    },
    async ({ params, principal, query }) => {
      const product_id = await reviews.productOf(principal, params.id)
      const { sort = '-created_at', rating } = query
      const filter = { sort, ...(rating !== undefined && { rating }) }
      const context = ['reviews', product_id, filter]
      const { next, ...found } = await reviews.ofProduct(product_id, filter, pageOf(query, context))
      return { ...found, next_cursor: encodeCursor(next, context) }
    },
  )

  app.post(
    '/products/:id/reviews',
    {
      config: { access: 'user', bucket: 'reviews', fresh: true, idempotent: true },
      schema: {
        tags,
        summary: 'Review a product, once',
        description:
          'Shown at once to whom the shop has shipped it; else when staff have read it. At most five an hour of one person, and ten a minute from one address.',
        params: ProductParams,
        body: NewReview,
        response: { 201: OwnReviewView },
      },
    },
    async (request, reply) => {
      const review = await reviews.submit({
        user: userOf(request),
        product: request.params.id,
        review: request.body,
        operation: request.operationId,
      })
      return tagged(reply.code(201), review)
    },
  )

  app.get(
    '/reviews',
    {
      config: { access: 'user', bucket: 'browse' },
      schema: {
        tags,
        summary: 'Own reviews, newest first, also those that are not shown',
        querystring: Type.Object(ListQuery, closed),
        response: { 200: OwnReviews },
      },
    },
    async (request) => {
      const { id } = userOf(request)
      const context = ['own reviews', id]
      const { next, ...found } = await reviews.ofUser(id, pageOf(request.query, context))
      return { ...found, next_cursor: encodeCursor(next, context) }
    },
  )

  app.patch(
    '/reviews/:id',
    {
      config: { ...writes, versioned: true },
      schema: {
        tags,
        summary: 'Change a review',
        description: 'Its author all of it, and staff the text. What its author changes is judged anew.',
        params: ReviewParams,
        body: ReviewChange,
        response: { 200: OwnReviewView },
      },
    },
    async (request, reply) =>
      tagged(reply, await reviews.edit({ ...reviewRequest(request), change: request.body })),
  )

  app.delete(
    '/reviews/:id',
    {
      config: { ...writes, versioned: true },
      schema: {
        tags,
        summary: 'Delete a review; its author and staff may',
        params: ReviewParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await reviews.remove(reviewRequest(request))
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/reviews/:id/helpful',
    {
      config: writes,
      schema: {
        tags,
        summary: 'Say that a review helped; counts once',
        params: ReviewParams,
        response: { 200: ReviewView },
      },
    },
    async (request) => reviews.findHelpful(userOf(request), request.params.id),
  )
}

/** Whose wish for which review, against which version. */
export function reviewRequest(request: FastifyRequest<{ Params: { id: string } }>) {
  const expected_version = expectedVersion(request)
  return {
    principal: userOf(request),
    id: request.params.id,
    ...(expected_version !== undefined && { expected_version }),
  }
}

/** The page that a list is asked for; throws `bad_cursor`. */
export function pageOf(
  { limit = DEFAULT_PAGE, cursor, include }: { limit?: number; cursor?: string; include?: 'total' },
  context: unknown,
): ReviewPage {
  const after = decodeCursor<{ value: string | number; id: string }>(cursor, context)
  return { limit, total: include === 'total', ...(after && { after }) }
}
