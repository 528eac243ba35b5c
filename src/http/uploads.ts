import { createHash } from 'node:crypto'
import fastifyMultipart, { type Multipart } from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../kernel/errors.ts'
import type { App } from './app.ts'
import { queryReaders, readQuery } from './query.ts'
import { beforeTooMuch, discardRest } from './upload-body.ts'

/** Parts of a form, the file among them. */
export const MAX_PARTS = 10
const MAX_FIELD_NAME_BYTES = 100
const MAX_FIELD_BYTES = 4 * 1_024
const MAX_PART_HEADERS = 20
/** What a form may take beside its file. */
const FORM_BYTES = 128 * 1_024
/** Uploads that are received or worked on at once: each lies in memory. */
export const MAX_UPLOADS = 16
/** Ten megabytes over a slow line. */
export const UPLOAD_BODY_MS = 120_000

const FILE = 'file'
const files = new WeakMap<FastifyRequest, Buffer>()

/** The bytes of the file that a request brought. */
export function uploadedFile(request: object): Buffer {
  const file = files.get(request as FastifyRequest)
  if (!file) throw new Error('the file of an upload was asked for where none can be')
  return file
}

/**
 * Makes the routes of a scope take forms with one file (`multipart/form-data`, the part `file`) and nothing else. The handler finds the
 * form's other fields in the body, read as its schema says, and there in the place of the file its SHA-256, so that a repeat under an
 * Idempotency-Key is known by what it brings. Name and declared type of the file are not looked at.
 */
export async function takeUploads(app: App, { max_file_bytes }: { max_file_bytes: number }): Promise<void> {
  const scope = app as unknown as FastifyInstance
  scope.removeAllContentTypeParsers()
  await scope.register(fastifyMultipart, {
    limits: {
      fileSize: max_file_bytes,
      files: 1,
      parts: MAX_PARTS,
      fields: MAX_PARTS,
      fieldNameSize: MAX_FIELD_NAME_BYTES,
      fieldSize: MAX_FIELD_BYTES,
      headerPairs: MAX_PART_HEADERS,
    },
  })
  scope.addContentTypeParser('*', (_request, _payload, done) => done(notMultipart()))
  let inHand = 0
  scope.addHook('preValidation', async (request, reply) => {
    if (!request.isMultipart()) throw notMultipart()
    // Whoever left while the shop looked who they are: their answer has closed already and will not close again.
    if (reply.raw.closed || reply.raw.destroyed) throw notWhole()
    if (inHand >= MAX_UPLOADS) throw tooManyUploads()
    inHand++
    reply.raw.once('close', () => inHand--)
    const max_bytes = max_file_bytes + FORM_BYTES
    const body = await beforeTooMuch(request.raw, max_bytes, () => readForm(request)).catch(async (error) => {
      const whole = await discardRest(request.raw)
      if (!whole) reply.header('connection', 'close')
      throw refusalOf(error)
    })
    const readers = queryReaders(request.routeOptions.schema?.body)
    if (readers) readQuery(body, readers)
    request.body = body
  })
}

async function readForm(request: FastifyRequest): Promise<Record<string, unknown>> {
  const body = new Map<string, string>()
  for await (const part of request.parts()) {
    const name = part.fieldname
    if (body.has(name)) throw new Refusal('malformed', 'bad_form', 'The form has one field twice.')
    body.set(name, part.type === 'file' ? await readFile(request, part) : readField(part))
  }
  return Object.fromEntries(body)
}

async function readFile(
  request: FastifyRequest,
  part: Extract<Multipart, { type: 'file' }>,
): Promise<string> {
  if (part.fieldname !== FILE)
    throw new Refusal('malformed', 'bad_form', 'The file belongs into the part `file`.')
  const bytes = await part.toBuffer()
  files.set(request, bytes)
  return createHash('sha256').update(bytes).digest('hex')
}

function readField(part: Extract<Multipart, { type: 'field' }>): string {
  if (part.fieldname === FILE) throw new Refusal('malformed', 'bad_form', 'The part `file` is no file.')
  if (part.fieldnameTruncated || part.valueTruncated || typeof part.value !== 'string')
    throw new Refusal('malformed', 'bad_form', 'A field of the form is too long or no plain text.')
  return part.value
}

/** What went wrong while the form was read: the form, whatever the parser calls it. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  const { code } = error as { code?: string }
  if (code === 'FST_REQ_FILE_TOO_LARGE')
    return new Refusal('too_large', 'file_too_large', 'The file is larger than this address takes.')
  if (code === 'FST_PARTS_LIMIT' || code === 'FST_FILES_LIMIT' || code === 'FST_FIELDS_LIMIT')
    return new Refusal('too_large', 'too_many_parts', 'The form has more parts than this address takes.')
  return notWhole()
}

function notWhole(): Refusal {
  return new Refusal('malformed', 'bad_form', 'The body is not a whole, well-formed form.')
}

function notMultipart(): Refusal {
  return new Refusal('unsupported', 'unsupported_media_type', 'Send a form as multipart/form-data.')
}

function tooManyUploads(): Refusal {
  return new Refusal('unavailable', 'busy', 'Too many uploads at once; try again shortly.', {
    retry_after_seconds: 1 + Math.ceil(Math.random() * 5),
  })
}
