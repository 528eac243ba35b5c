import { MongoError, MongoServerError, MongoServerSelectionError } from 'mongodb'
import { StartRefused } from '../../kernel/start-refused.ts'
import { isTemporary } from './errors.ts'

const AUTHENTICATION_FAILED = 18
const UNAUTHORIZED = 13
/** What Atlas answers to a wrong name or password. */
const ATLAS_ERROR = 8_000

/** What was tried to be opened. */
export interface Place {
  hosts: string
  database: string
  /** Where the operator wrote its URL. */
  setting: string
}

/** The sentence for an error that kept the storage from being opened; no cause of it shows a password. */
export function startRefusal(error: unknown, at: Place): unknown {
  const cause = authentication(error)
  if (cause) {
    return new StartRefused(
      cause.code === UNAUTHORIZED
        ? `MongoDB at ${at.hosts} lets this user not use the database ${at.database}. Give the user of ${at.setting} the role readWrite on it.`
        : `MongoDB at ${at.hosts} refuses the name or password. Correct them in ${at.setting}; a user of another database needs authSource=DATABASE there.`,
    )
  }
  if (error instanceof MongoServerSelectionError) {
    return new StartRefused(
      `MongoDB at ${at.hosts} does not answer (${reason(error)}). Start it, or correct ${at.setting}.`,
    )
  }
  if (isTemporary(error)) {
    return new StartRefused(
      `MongoDB at ${at.hosts} answers, but does not do its work now (${(error as Error).message}). Look at its replica set: a majority has to run.`,
    )
  }
  return error instanceof MongoError && !(error instanceof MongoServerError)
    ? new StartRefused(`MongoDB at ${at.hosts} cannot be used: ${error.message}. Correct ${at.setting}.`)
    : error
}

export function unusableUrl(setting: string): StartRefused {
  return new StartRefused(
    `${setting} is not an address of MongoDB. It looks like mongodb://HOST:27017/tradewind, with NAME:PASSWORD@ before HOST where the server wants them; characters such as @ : / in a password are written %40 %3A %2F.`,
  )
}

/** The server's refusal of a name, password or right, wherever it lies among the causes. */
function authentication(error: unknown): MongoServerError | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (
      cause instanceof MongoServerError &&
      [AUTHENTICATION_FAILED, UNAUTHORIZED, ATLAS_ERROR].includes(Number(cause.code))
    )
      return cause
  }
  return undefined
}

/** Why no server was found: what the last attempt at one of them ended with. */
function reason({ reason: topology, message }: MongoServerSelectionError): string {
  const servers = [...(topology?.servers.values() ?? [])]
  return servers.find(({ error }) => error)?.error?.message ?? message
}
