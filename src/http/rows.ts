import { AjvCompiler } from '@fastify/ajv-compiler'
import type { FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import { type Fault, Refusal } from '../kernel/errors.ts'
import { parseJsonBody } from './json-body.ts'
import { AJV_OPTIONS, faultsOf } from './validation.ts'

export const NDJSON = 'application/x-ndjson'
export const CSV = 'text/csv'
export type RowFormat = 'ndjson' | 'csv'

/** Reads the rows of an upload as strictly as a body: JSON without surprises, and every fault in the words of the API. */
export interface RowReader {
  /** Throws `malformed`. */
  parse(json: Buffer): unknown
  /** What does not fit; empty when all does. */
  faultsOf(value: unknown): Fault[]
}

/** A reader of rows that have this schema; it is compiled when the first row comes. */
export function rowReader(schema: TSchema): RowReader {
  let compiled: ReturnType<ReturnType<ReturnType<typeof AjvCompiler>>> | undefined
  return {
    parse: parseJsonBody,
    faultsOf(value) {
      compiled ??= AjvCompiler()({}, { customOptions: AJV_OPTIONS })({ schema } as never)
      const validate = compiled as unknown as { (given: unknown): boolean; errors: never[] | null }
      return validate(value) ? [] : faultsOf(validate.errors ?? [], 'pointer')
    },
  }
}

/** The refusal of any other body where rows are wanted. */
export function rowsWanted(): Refusal {
  const message = 'Send the rows as application/x-ndjson or text/csv.'
  return new Refusal('unsupported', 'unsupported_media_type', message)
}

/** The rows of a request whose route takes them. Throws `unsupported` for any other body, `malformed` for none. */
export function uploadOf(request: FastifyRequest): { source: NodeJS.ReadableStream; format: RowFormat } {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type === undefined) throw new Refusal('malformed', 'empty_upload', 'There are no rows in the body.')
  if (type !== NDJSON && type !== CSV) throw rowsWanted()
  if (request.body === undefined || request.body === null)
    throw new Refusal('malformed', 'empty_upload', 'There are no rows in the body.')
  return { source: request.body as NodeJS.ReadableStream, format: type === CSV ? 'csv' : 'ndjson' }
}

/** How the caller wants rows: as CSV where `Accept` names it, else as NDJSON. */
export function wantedFormat(request: FastifyRequest): RowFormat {
  return request.headers.accept?.includes(CSV) ? 'csv' : 'ndjson'
}
