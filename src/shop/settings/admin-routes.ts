import type { FastifyRequest } from 'fastify'
import { type App, userOf } from '../../http/app.ts'
import { expectedVersion, tagged } from '../../http/etag.ts'
import { ShippingRates, TaxRates } from './rates-schema.ts'
import { ShippingView, TaxView } from './schema.ts'
import type { Settings } from './settings.ts'

const tags = ['settings']
const reading = { access: 'staff', bucket: 'admin' } as const
const writing = { access: 'super', bucket: 'admin', versioned: true } as const

/** What is charged beside the goods. Staff see it, super_admins set it. */
export function settingsAdminRoutes(app: App, { settings }: { settings: Settings }): void {
  app.get(
    '/admin/settings/shipping',
    { config: reading, schema: { tags, summary: 'What shipping costs', response: { 200: ShippingView } } },
    async (_request, reply) => tagged(reply, await settings.shipping()),
  )

  app.put(
    '/admin/settings/shipping',
    {
      config: writing,
      schema: {
        tags,
        summary: 'Set what shipping costs, as a whole',
        description: 'Holds for orders that are made from now on.',
        body: ShippingRates,
        response: { 200: ShippingView },
      },
    },
    async (request, reply) =>
      tagged(reply, await settings.setShipping({ value: request.body, ...changeOf(request) })),
  )

  app.get(
    '/admin/settings/tax',
    { config: reading, schema: { tags, summary: 'Rates of tax', response: { 200: TaxView } } },
    async (_request, reply) => tagged(reply, await settings.tax()),
  )

  app.put(
    '/admin/settings/tax',
    {
      config: writing,
      schema: {
        tags,
        summary: 'Set the rates of tax, as a whole',
        description:
          'On goods and shipping together, rounded once for an order, half a minor unit up. Holds for orders that are made from now on.',
        body: TaxRates,
        response: { 200: TaxView },
      },
    },
    async (request, reply) =>
      tagged(reply, await settings.setTax({ value: request.body, ...changeOf(request) })),
  )
}

function changeOf(request: FastifyRequest) {
  return { actor: userOf(request).id, expected_version: expectedVersion(request) }
}
