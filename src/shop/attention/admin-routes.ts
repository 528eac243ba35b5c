import type { App } from '../../http/app.ts'
import type { Attention } from './attention.ts'
import { AttentionView } from './schema.ts'

/** What staff should look at first in the morning. */
export function attentionAdminRoutes(app: App, { attention }: { attention: Attention }): void {
  app.get(
    '/admin/attention',
    {
      config: { access: 'staff', bucket: 'admin' },
      schema: {
        tags: ['admin'],
        summary:
          'What waits for a human: payments, notices, mails, events that were set aside, erasures, stock',
        response: { 200: AttentionView },
      },
    },
    () => attention.all(),
  )
}
