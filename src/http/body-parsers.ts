import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { FastifyInstance, FastifyRequest, preParsingHookHandler } from 'fastify'
import { Refusal } from '../kernel/errors.ts'
import { parseJsonBody } from './json-body.ts'
import { rowsWanted } from './rows.ts'

/** Registers the one parser there is. Nothing else is taken, least of all what a plain HTML form can send. */
export function registerBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0) {
      // Many clients name the type of a body that a DELETE does not have.
      if (request.method === 'DELETE') return done(null, undefined)
      return done(new Refusal('malformed', 'empty_body', 'The body is empty, but its type says JSON.'))
    }
    if (request.routeOptions.config.rawBody) return done(null, body)
    parse(body as Buffer, done)
  })
  app.addContentTypeParser('text/plain', { parseAs: 'buffer' }, (request, body, done) => {
    if (!request.routeOptions.config.acceptsBeacons) return done(otherBodyWanted(request))
    parse(body as Buffer, done)
  })
  for (const type of ['application/x-ndjson', 'text/csv']) {
    app.addContentTypeParser(type, (request, payload, done) => {
      if (request.routeOptions.config.takesRows) return done(null, payload)
      done(otherBodyWanted(request))
    })
  }
}

/** The refusal of a body whose type this address does not take. */
export function otherBodyWanted({ routeOptions }: Pick<FastifyRequest, 'routeOptions'>): Refusal {
  if (routeOptions.config.takesRows) return rowsWanted()
  return new Refusal('unsupported', 'unsupported_media_type', 'Send the body as application/json.')
}

function parse(body: Buffer, done: (error: Error | null, value?: unknown) => void): void {
  let value: unknown
  try {
    value = parseJsonBody(body)
  } catch (error) {
    done(error as Error)
    return
  }
  done(null, value)
}

/** Inflates a gzip body; the route's limit holds for what comes out, and inflating stops there. */
export const inflateBody: preParsingHookHandler = (request, reply, payload, done) => {
  if (request.headers['content-encoding'] !== 'gzip') return done(null, payload)
  const inflated = createGunzip() as Readable & { receivedEncodedLength?: number }
  let received = 0
  payload.on('data', (chunk: Buffer) => {
    received += chunk.length
    inflated.receivedEncodedLength = received
  })
  payload.on('error', (error) => inflated.destroy(error))
  // After a body that is too large nobody reads the rest: the stream must not inflate it all the same.
  reply.raw.once('close', () => inflated.destroy())
  payload.pipe(inflated as unknown as NodeJS.WritableStream)
  done(null, inflated as never)
}
