import { type Db, type DbOptions, MongoClient, type MongoClientOptions, ReadConcern } from 'mongodb'
import { startRefusal, unusableUrl } from './start-failures.ts'

const DEFAULT_DATABASE = 'tradewind'

/** How long the server may work on one command. Stated at every call, since the driver has no option for all. */
export const MAX_TIME_MS = 5_000
export const OPERATION = { maxTimeMS: MAX_TIME_MS } as const
/** A server that gives a command up says so within this. */
const ANSWER_MS = 1_000

/**
 * Whoever runs the shop may change these in the URL. A socket waits longer than a command may take, so that only a server
 * that does not answer at all runs into it; callers wait for a free connection just long enough for a short rush.
 */
const TUNABLE: MongoClientOptions = {
  appName: 'tradewind',
  maxPoolSize: 50,
  minPoolSize: 1,
  maxConnecting: 8,
  maxIdleTimeMS: 60_000,
  waitQueueTimeoutMS: 500,
  serverSelectionTimeoutMS: 3_000,
  connectTimeoutMS: 3_000,
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
export async function connect({
  url,
  setting = 'MONGODB_URL',
  longest_ms,
  onCommand,
}: ConnectionOptions): Promise<Connection> {
  const client = clientOf(url, setting, {
    ...(longest_ms !== undefined && { socketTimeoutMS: longest_ms + ANSWER_MS }),
    monitorCommands: onCommand !== undefined,
  })
  const hosts = client.options.srvHost ?? client.options.hosts.map(String).join(',')
  if (onCommand) {
    client.on('commandStarted', ({ commandName, command }) =>
      onCommand(commandName, String(command[commandName])),
    )
  }
  const db = client.db(databaseOf(url), CONCERNS)
  const refusal = (error: unknown) => startRefusal(error, { hosts, database: db.databaseName, setting })
  try {
    await client.connect()
    await db.command({ ping: 1, ...OPERATION })
  } catch (error) {
    await client.close()
    throw refusal(error)
  }
  return { db, hosts, refusal, close: () => client.close() }
}

function clientOf(url: string, setting: string, options: MongoClientOptions): MongoClient {
  const named = new Set(namedOptions(url))
  const tunable = Object.entries({ ...TUNABLE, ...options }).filter(
    ([name]) => !named.has(name.toLowerCase()),
  )
  try {
    return new MongoClient(url, { ...Object.fromEntries(tunable), ...FIXED })
  } catch {
    // The driver's error may quote the URL and the password in it.
    throw unusableUrl(setting)
  }
}

function namedOptions(url: string): string[] {
  const query = url.indexOf('?')
  return query < 0
    ? []
    : [...new URLSearchParams(url.slice(query + 1)).keys()].map((name) => name.toLowerCase())
}

function databaseOf(url: string): string {
  const path = /^[^:]+:\/\/[^/]+\/([^?]+)/.exec(url)?.[1]
  return path === undefined ? DEFAULT_DATABASE : decodeURIComponent(path)
}
