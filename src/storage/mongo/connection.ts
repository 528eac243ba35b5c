import {
  type Db,
  type DbOptions,
  MongoClient,
  type MongoClientOptions,
  MongoError,
  ReadConcern,
} from 'mongodb'
import { startRefusal, unusableUrl } from './start-failures.ts'

const DEFAULT_DATABASE = 'tradewind'
const URL_SETTING = 'MONGODB_URL'

/** How long the server may work on one command. Stated at every call, since the driver has no option for all. */
export const MAX_TIME_MS = 5_000
export const OPERATION = { maxTimeMS: MAX_TIME_MS } as const
/** A server that gives a command up says so within this. */
const ANSWER_MS = 1_000
const CONNECT_MS = 3_000
/**
 * How long callers wait for a free connection: just long enough for a short rush. Where twice not even the first
 * connection is made in that time, the server is far away or slow, and they wait as long as one may take.
 */
const WAITS_MS = [500, 500, CONNECT_MS]
/** The option of it, as `namedOptions` has it: what the URL says holds, and is tried once. */
const WAIT = 'waitqueuetimeoutms'

/**
 * Whoever runs the shop may change these in the URL. A socket waits longer than a command may take, so that only a server
 * that does not answer at all runs into it.
 */
const TUNABLE: MongoClientOptions = {
  appName: 'tradewind',
  maxPoolSize: 50,
  minPoolSize: 1,
  maxConnecting: 8,
  maxIdleTimeMS: 60_000,
  serverSelectionTimeoutMS: CONNECT_MS,
  connectTimeoutMS: CONNECT_MS,
  socketTimeoutMS: MAX_TIME_MS + ANSWER_MS,
  // With `stream` a server that said once that it is no primary is not heard of again before its next message, up to 10 s.
  serverMonitoringMode: 'poll',
  heartbeatFrequencyMS: 2_000,
}

/** What the promises of the storage rest on. Stated for the database: of the client's, the URL may change some. */
const CONCERNS = {
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: MAX_TIME_MS },
  readConcern: new ReadConcern('majority'),
  readPreference: 'primary',
} satisfies DbOptions

/** Nothing in the URL changes these. */
const FIXED: MongoClientOptions = {
  ...CONCERNS,
  retryWrites: true,
  retryReads: true,
  ignoreUndefined: true,
}

export interface Connection {
  db: Db
  /** Hosts and ports, for messages: never a password. */
  hosts: string
  /** What an error that kept the storage from being opened means: `StartRefused` with a sentence, where one is known. */
  refusal(error: unknown): unknown
  close(): Promise<void>
}

export interface ConnectionOptions {
  /** `mongodb://` or `mongodb+srv://`; the path names the database. */
  url: string
  /** Where the operator wrote it, for messages. */
  setting?: string
  /** What the longest command may take, where some state a limit above the usual one; a socket waits as long. */
  longest_ms?: number
  /** Called with each command that is sent to the server, and the collection it is about. */
  onCommand?(name: string, collection: string): void
}

/** Rejects with StartRefused and a sentence when the server cannot be used. */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  const { url, setting = URL_SETTING } = options
  const database = databaseOf(url)
  let refused: unknown
  for (const wait_ms of namedOptions(url).has(WAIT) ? WAITS_MS.slice(-1) : WAITS_MS) {
    const client = clientOf(options, wait_ms)
    const hosts = client.options.srvHost ?? client.options.hosts.map(String).join(',')
    const refusal = (error: unknown) => startRefusal(error, { hosts, database, setting })
    try {
      await client.connect()
      const db = client.db(database, CONCERNS)
      await db.command({ ping: 1, ...OPERATION })
      return { db, hosts, refusal, close: () => client.close() }
    } catch (error) {
      await client.close()
      refused = refusal(error)
      if (!isWaitedFor(error)) break
    }
  }
  throw refused
}

/** Whether no connection was made or became free while the caller waited. */
function isWaitedFor(error: unknown): boolean {
  return error instanceof MongoError && error.name === 'MongoWaitQueueTimeoutError'
}

function clientOf(
  { url, setting = URL_SETTING, longest_ms, onCommand }: ConnectionOptions,
  waitQueueTimeoutMS: number,
): MongoClient {
  const named = namedOptions(url)
  const options: MongoClientOptions = {
    ...{ ...TUNABLE, waitQueueTimeoutMS },
    ...(longest_ms !== undefined && { socketTimeoutMS: longest_ms + ANSWER_MS }),
    monitorCommands: onCommand !== undefined,
  }
  const tunable = Object.entries(options).filter(([name]) => !named.has(name.toLowerCase()))
  try {
    const client = new MongoClient(url, { ...Object.fromEntries(tunable), ...FIXED })
    if (onCommand) {
      client.on('commandStarted', ({ commandName, command }) =>
        onCommand(commandName, String(command[commandName])),
      )
    }
    return client
  } catch {
    // The driver's error may quote the URL and the password in it.
    throw unusableUrl(setting)
  }
}

/** In lower case, as the driver compares them. */
function namedOptions(url: string): ReadonlySet<string> {
  const query = url.indexOf('?')
  const names = query < 0 ? [] : [...new URLSearchParams(url.slice(query + 1)).keys()]
  return new Set(names.map((name) => name.toLowerCase()))
}

function databaseOf(url: string): string {
  const path = /^[^:]+:\/\/[^/]+\/([^?]+)/.exec(url)?.[1]
  return path === undefined ? DEFAULT_DATABASE : decodeURIComponent(path)
}
