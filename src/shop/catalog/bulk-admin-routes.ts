import { type App, userOf } from '../../http/app.ts'
import { faultsOf } from '../../http/validation.ts'
import {
  BULK_BODY_BYTES,
  BULK_DEADLINE_MS,
  BulkAnswer,
  BulkChange,
  BulkChanges,
  DocumentedChanges,
  MAX_BULK_CHANGES,
} from './bulk-schema.ts'
import type { Catalog } from './catalog.ts'

/** Many products at once. */
export function bulkAdminRoutes(app: App, { catalog }: { catalog: Catalog }): void {
  const compile = app.validatorCompiler!
  app.patch(
    '/products',
    {
      bodyLimit: BULK_BODY_BYTES,
      config: { access: 'staff', bucket: 'admin', deadline_ms: BULK_DEADLINE_MS },
      // The documented schema tells of every change; a body is refused as a whole only when it is no list.
      validatorCompiler: (route) =>
        compile(route.httpPart === 'body' ? { ...route, schema: BulkChanges } : route),
      schema: {
        tags: ['products'],
        summary: 'Change many products, with a verdict for each',
        description: `Up to ${MAX_BULK_CHANGES} changes, each like PATCH /products/{id} and committed alone: those that are refused stop none of the others. Several of one product are made in their order. A slug names the product that has it before the request.`,
        body: DocumentedChanges,
        response: { 200: BulkAnswer },
      },
    },
    (request) => {
      const fits = request.compileValidationSchema(BulkChange)
      return catalog.changeMany(request.body.changes, {
        operation_id: request.operationId,
        actor: userOf(request).id,
        judge: (change) => (fits(change) ? [] : faultsOf(fits.errors ?? [], 'pointer')),
      })
    },
  )
}
