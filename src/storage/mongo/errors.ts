import {
  MongoClientClosedError,
  MongoError,
  MongoExpiredSessionError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
} from 'mongodb'
import { Refusal } from '../../kernel/errors.ts'

const RETRY_AFTER_SECONDS = 5
const DUPLICATE_KEY = 11_000

/**
 * Codes by which a server says that it cannot do now what it could do before: it steps down or shuts down, its time or its
 * disk is up, its replicas do not confirm. Source: https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
 */
const TEMPORARY = new Set([
  6, 7, 18, 24, 43, 46, 50, 64, 79, 89, 91, 100, 112, 133, 134, 189, 202, 262, 317, 365, 391, 462, 9001,
  10058, 10107, 11600, 11602, 13388, 13435, 13436, 14031,
])

/** What a caller gets while the database is away, or the storage closing. */
export function unavailable(message: string, cause?: unknown): Refusal {
  const refusal = new Refusal('unavailable', 'storage_unavailable', message, {
    retry_after_seconds: RETRY_AFTER_SECONDS,
  })
  // For the log; whoever answers shows the message alone.
  refusal.cause = cause
  return refusal
}

/** The port's refusal for an error of the driver; anything else as it came. */
export function toRefusal(error: unknown): unknown {
  if (!(error instanceof MongoError)) return error
  const index = brokenUnique(error)
  if (index !== undefined)
    return new Refusal('conflict', 'duplicate', 'Another one with the same value exists.', {
      extra: { index },
    })
  return isTemporary(error) ? unavailable('The database does not answer now.', error) : error
}

/** The declared name of the unique index that refused a write (`id` for the id), undefined for any other error. */
export function brokenUnique(error: {
  code?: unknown
  message?: string
  errmsg?: string
}): string | undefined {
  if (error.code !== DUPLICATE_KEY) return undefined
  // Errors of a bulk write carry no keyPattern; the message names the index everywhere.
  const name = / index: (\S+)/.exec(error.errmsg ?? error.message ?? '')?.[1]
  return name === '_id_' ? 'id' : name
}

function isTemporary(error: MongoError): boolean {
  if (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoWriteConcernError ||
    error instanceof MongoNotConnectedError ||
    error instanceof MongoTopologyClosedError ||
    error instanceof MongoClientClosedError ||
    error instanceof MongoExpiredSessionError
  )
    return true
  // The driver does not export the errors of its pool.
  if (/^(MongoWaitQueueTimeout|MongoPoolCleared|MongoPoolClosed)/.test(error.name)) return true
  if (error.hasErrorLabel('RetryableWriteError') || error.hasErrorLabel('RetryableError')) return true
  return error instanceof MongoServerError && TEMPORARY.has(Number(error.code))
}
