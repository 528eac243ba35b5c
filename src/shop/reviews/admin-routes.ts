import { Type } from 'typebox'
import type { App } from '../../http/app.ts'
import { tagged } from '../../http/etag.ts'
import { encodeCursor } from '../../http/paging.ts'
import { Rejection } from './requests-schema.ts'
import type { Reviews } from './reviews.ts'
import { ListQuery, pageOf, ReviewParams, reviewRequest } from './routes.ts'
import { REVIEW_STATUSES } from './schema.ts'
import { StaffReviews, StaffReviewView } from './view-schema.ts'

const tags = ['reviews']
const closed = { additionalProperties: false } as const
const config = { access: 'staff', bucket: 'admin' } as const

const QueueQuery = Type.Object(
  {
    ...ListQuery,
    status: Type.Optional(Type.Enum([...REVIEW_STATUSES], { description: '`pending`, if left out' })),
    product_id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  },
  closed,
)

/** What staff decide on what customers wrote. */
export function reviewAdminRoutes(app: App, { reviews }: { reviews: Reviews }): void {
  app.get(
    '/admin/reviews',
    {
      config,
      schema: {
        tags,
        summary: 'Reviews that wait for staff, the longest waiting first; or those in another status',
        querystring: QueueQuery,
        response: { 200: StaffReviews },
      },
    },
    async ({ query }) => {
      const { status = 'pending', product_id } = query
      const filter = { status, ...(product_id !== undefined && { product_id }) }
      const context = ['reviews for staff', filter]
      const { next, ...found } = await reviews.inStatus(filter, pageOf(query, context))
      return { ...found, next_cursor: encodeCursor(next, context) }
    },
  )

  app.post(
    '/admin/reviews/:id/approve',
    {
      config: { ...config, versioned: true },
      schema: {
        tags,
        summary: 'Show a review',
        description: '`If-Match` with the ETag or version that was read guards against another text since.',
        params: ReviewParams,
        response: { 200: StaffReviewView },
      },
    },
    async (request, reply) => tagged(reply, await reviews.approve(reviewRequest(request))),
  )

  app.post(
    '/admin/reviews/:id/reject',
    {
      config: { ...config, versioned: true },
      schema: {
        tags,
        summary: 'Do not show a review, or no longer',
        description: 'From then on every text of this author on this product waits for staff.',
        params: ReviewParams,
        body: Type.Union([Rejection, Type.Null()]),
        response: { 200: StaffReviewView },
      },
    },
    async (request, reply) =>
      tagged(reply, await reviews.reject({ ...reviewRequest(request), ...request.body })),
  )
}
