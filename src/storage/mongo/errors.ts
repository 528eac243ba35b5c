import {
  MongoBulkWriteError,
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
const TOO_LARGE = new Set([10_334, 17_419, 17_420])

/**
 * Codes by which a server says that it cannot do now what it could do before: it steps down or shuts down, its time or its
 * disk is up, its replicas do not confirm. Source: https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
 */
const TEMPORARY = new Set([
  6, 7, 18, 24, 43, 46, 50, 64, 79, 89, 91, 100, 112, 133, 134, 189, 202, 262, 317, 365, 391, 462, 9001,
  10058, 10107, 11600, 11602, 13388, 13435, 13436, 14031,
])

const AWAY = [
  MongoNetworkError,
  MongoServerSelectionError,
  MongoWriteConcernError,
  MongoNotConnectedError,
  MongoTopologyClosedError,
  MongoClientClosedError,
  MongoExpiredSessionError,
]

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
  if (isTemporary(error)) return unavailable('The database does not answer now.', error)
  // Of many writes each has its own verdict; whoever sends them reads those.
  const index =
    error instanceof MongoServerError && !(error instanceof MongoBulkWriteError)
      ? brokenUnique(error)
      : undefined
  if (index === undefined) return error
  return new Refusal('conflict', 'duplicate', 'Another one with the same value exists.', { extra: { index } })
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

/** The document would come to more than the 16 MiB that the server takes. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof MongoServerError && TOO_LARGE.has(Number(error.code))
}

/** Nothing is wrong with what was asked: it may work later, or may have worked without our being told. */
export function isTemporary(error: unknown): boolean {
  if (!(error instanceof MongoError)) return false
  if (error instanceof MongoBulkWriteError) {
    // A bulk write wraps what broke it off, and knows whether the replicas confirmed the rest.
    if (error.errorResponse instanceof MongoError) return isTemporary(error.errorResponse)
    if (error.result.getWriteConcernError()) return true
    // Its own code is that of the first write that failed; any of them may say that the server is going.
    if ([error.writeErrors].flat().some(({ code }) => TEMPORARY.has(Number(code)))) return true
  }
  if (AWAY.some((type) => error instanceof type)) return true
  // The driver does not export the errors of its pool.
  if (/^(MongoWaitQueueTimeout|MongoPoolCleared|MongoPoolClosed)/.test(error.name)) return true
  if (error.hasErrorLabel('RetryableWriteError') || error.hasErrorLabel('RetryableError')) return true
  return error instanceof MongoServerError && TEMPORARY.has(Number(error.code))
}
