import { Type } from 'typebox'
import { type App, userOf } from '../../http/app.ts'
import { expectedVersion, tagged } from '../../http/etag.ts'
import type { Addresses } from './addresses.ts'
import { AddressChange, AddressList, AddressView, MAX_ADDRESSES, NewAddress } from './schema.ts'

const params = Type.Object({ id: Type.String({ maxLength: 64 }) }, { additionalProperties: false })
const tags = ['accounts']

/** The addresses that people keep. */
export function addressRoutes(app: App, { addresses }: { addresses: Addresses }): void {
  app.get(
    '/auth/me/addresses',
    {
      config: { access: 'user', bucket: 'browse' },
      schema: { tags, summary: 'Own addresses', response: { 200: AddressList } },
    },
    async (request) => ({ items: await addresses.list(userOf(request).id) }),
  )

  app.post(
    '/auth/me/addresses',
    {
      config: { access: 'user', bucket: 'write' },
      schema: {
        tags,
        summary: `Keep an address; at most ${MAX_ADDRESSES}`,
        body: NewAddress,
        response: { 201: AddressView },
      },
    },
    async (request, reply) => {
      const address = await addresses.add(userOf(request).id, request.body)
      return reply
        .code(201)
        .header('location', `/auth/me/addresses/${address.id}`)
        .send(tagged(reply, address))
    },
  )

  app.patch(
    '/auth/me/addresses/:id',
    {
      config: { access: 'user', bucket: 'write', versioned: true },
      schema: {
        tags,
        summary: 'Change an address, or make it the default',
        description: 'Orders keep the address that they were made with.',
        params,
        body: AddressChange,
        response: { 200: AddressView },
      },
    },
    async (request, reply) => {
      const which = { user_id: userOf(request).id, id: request.params.id }
      const expected_version = expectedVersion(request)
      return tagged(reply, await addresses.change({ ...which, expected_version }, request.body))
    },
  )

  app.delete(
    '/auth/me/addresses/:id',
    {
      config: { access: 'user', bucket: 'write' },
      schema: {
        tags,
        summary: 'Forget an address',
        params,
        response: { 204: Type.Null({ description: 'Done' }) },
      },
    },
    async (request, reply) => {
      await addresses.remove({ user_id: userOf(request).id, id: request.params.id })
      return reply.code(204).send(null)
    },
  )
}
