import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { type App, userOf } from '../../http/app.ts'
import { DEFAULT_PAGE, decodeCursor, encodeCursor, PageQuery } from '../../http/paging.ts'
import { CSV, NDJSON, rowReader, uploadOf, wantedFormat } from '../../http/rows.ts'
import { discardRest } from '../../http/upload-body.ts'
import type { Jobs, VerdictPosition } from './jobs.ts'
import {
  type ExportKindName,
  type ImportKindName,
  JobView,
  JobWithVerdicts,
  UPLOAD_DEADLINE_MS,
} from './schema.ts'

const closed = { additionalProperties: false } as const
const uploads = {
  bucket: 'admin',
  idempotent: true,
  takesRows: true,
  body_deadline_ms: UPLOAD_DEADLINE_MS,
} as const
const downloads = { access: 'staff', bucket: 'exports', produces: [NDJSON, CSV] } as const
const Rows = Type.Unsafe<unknown>({ description: 'A row after the other' })
const asRows = (...types: string[]) => ({
  content: Object.fromEntries(types.map((type) => [type, { schema: Rows }])),
})

const ImportQuery = Type.Object(
  { dry_run: Type.Optional(Type.Boolean({ default: false, description: 'Judge, and change nothing' })) },
  closed,
)

const JobQuery = Type.Object(
  {
    ...PageQuery,
    result: Type.Optional(Type.Enum(['refused'], { description: 'Only verdicts that refuse' })),
  },
  closed,
)

/** Importing and exporting, and how far it is. */
export function jobAdminRoutes(app: App, { jobs }: { jobs: Jobs }): void {
  const products = rowReader(jobs.schemas.products_import)
  const orders = rowReader(jobs.schemas.orders_import)

  app.post(
    '/products/import',
    {
      config: { ...uploads, access: 'staff' },
      schema: {
        tags: ['products'],
        summary: 'Add and change many products, found by their SKUs',
        description:
          'NDJSON with a product a line, its fields as in POST /products, or CSV as GET /products/export gives it. Answers when all of it is stored; GET /admin/jobs/{id} then has a verdict on each row. A field that is not there stays as it is. May be repeated.',
        querystring: ImportQuery,
        body: asRows(NDJSON, CSV),
        response: { 202: JobView },
      },
    },
    async (request, reply) =>
      take(jobs, request, reply, {
        ...{ kind: 'products_import', reader: products, dry_run: request.query.dry_run ?? false },
      }),
  )

  app.post(
    '/orders/import',
    {
      config: { ...uploads, access: 'super' },
      schema: {
        tags: ['orders'],
        summary: 'Take over orders of another shop, with their dates',
        description:
          'NDJSON with an order a line. They are delivered and paid, take no stock, count on the day on which they were made, and stand in the history of the customer with this e-mail. An `external_id` that was imported before changes nothing.',
        querystring: ImportQuery,
        body: asRows(NDJSON),
        response: { 202: JobView },
      },
    },
    async (request, reply) =>
      take(jobs, request, reply, {
        ...{ kind: 'orders_import', reader: orders, dry_run: request.query.dry_run ?? false },
      }),
  )

  app.get(
    '/products/export',
    {
      exposeHeadRoute: false,
      config: downloads,
      schema: {
        tags: ['products'],
        summary: 'All products, as they can be imported again',
        description:
          'NDJSON, or CSV where `Accept` names it. No cell is a formula: one that looks like it has a quote in front, which the import takes away. `X-Job-Id` names the job. One export at a time: 429.',
        response: { 200: asRows(NDJSON, CSV) },
      },
    },
    async (request, reply) => send(jobs, request, reply, { kind: 'products_export', filter: {} }),
  )

  app.get(
    '/orders/export',
    {
      exposeHeadRoute: false,
      config: downloads,
      schema: {
        tags: ['orders'],
        summary: 'All orders, oldest first',
        description:
          'NDJSON, or CSV with a row for each line of an order where `Accept` names it. `X-Job-Id` names the job. One export at a time: 429.',
        querystring: jobs.schemas.orders_export,
        response: { 200: asRows(NDJSON, CSV) },
      },
    },
    async (request, reply) =>
      send(jobs, request, reply, { kind: 'orders_export', filter: request.query as object }),
  )

  app.get(
    '/admin/jobs/:id',
    {
      config: { access: 'staff', bucket: 'admin' },
      schema: {
        tags: ['operations'],
        summary: 'How far an import or export is, and the verdicts on its rows',
        description: 'Kept for 30 days.',
        params: Type.Object({ id: Type.String({ maxLength: 64 }) }, closed),
        querystring: JobQuery,
        response: { 200: JobWithVerdicts },
      },
    },
    async (request) => jobPage(jobs, request.params.id, request.query),
  )
}

async function take(
  jobs: Jobs,
  request: FastifyRequest,
  reply: { code(status: 202): object },
  { kind, reader, dry_run }: { kind: ImportKindName; reader: ReturnType<typeof rowReader>; dry_run: boolean },
) {
  const answer = reply as unknown as FastifyReply
  const upload = uploadOf(request)
  const { operationId: operation_id } = request
  const wish = { ...upload, kind, reader, dry_run, by: userOf(request).id, operation_id }
  const job = await jobs.take(wish).catch(async (error) => {
    // What was not read of it would stand before the next request of this connection.
    const whole = await discardRest(request.raw)
    if (!whole) answer.header('connection', 'close')
    throw error
  })
  return answer.code(202).header('location', `/admin/jobs/${job.id}`).send(job)
}

async function send(
  jobs: Jobs,
  request: FastifyRequest,
  reply: object,
  { kind, filter }: { kind: ExportKindName; filter: object },
) {
  const format = wantedFormat(request)
  const { job_id, stream } = await jobs.export({ kind, format, filter, by: userOf(request).id })
  const answer = reply as FastifyReply
  // Who waited too long for it has been answered, or is gone.
  if (answer.sent || answer.raw.destroyed) {
    stream.destroy()
    return answer
  }
  return answer
    .header('x-job-id', job_id)
    .header('content-disposition', `attachment; filename="${kind.replace('_export', '')}.${format}"`)
    .type(`${format === 'csv' ? CSV : NDJSON}; charset=utf-8`)
    .send(stream)
}

async function jobPage(
  jobs: Jobs,
  id: string,
  { limit = DEFAULT_PAGE, cursor, result }: Static<typeof JobQuery>,
): Promise<JobWithVerdicts> {
  const context = ['job', id, result]
  const after = decodeCursor<VerdictPosition>(cursor, context)
  const { next, ...job } = await jobs.get(id, { limit, after, refused: result === 'refused' })
  return { ...job, next_cursor: encodeCursor(next, context) }
}
