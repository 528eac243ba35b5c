import { parseArgs } from 'node:util'
import { StartRefused } from '../../src/kernel/start-refused.ts'

export interface MigrateOptions {
  /** The folder of the shop that moves. */
  directory: string
  /** URL of the database it moves to. */
  mongodb_url: string
  /** Newest clickstream events that the collection `events` gets. */
  events: number
}

export const USAGE = `npm run migrate-storage -- --from sqlite:DIR --to mongodb://… [--events N]
  Copies a stopped shop from its DATA_DIR to an empty MongoDB database, and its log to Kafka where
  KAFKA_BOOTSTRAP_SERVERS (and KAFKA_API_KEY, …) say so; else the log stays where it is. Then compares everything.
  The old folder is only read. After a crash the same command goes on where it was.

  --from sqlite:DIR    the shop's DATA_DIR; stop its server first
  --to mongodb://…     or mongodb+srv://…; the path names the database, else tradewind
  --events 100000      with Kafka: how many of the newest clickstream events staff can ask for (EVENTS_COLLECTION)`

const DEFAULT_EVENTS = '100000'

/** Reads the command line. Throws StartRefused with a sentence and the usage when it is not understood. */
export function readOptions(args: readonly string[]): MigrateOptions {
  const values = parsed(args)
  const directory = /^sqlite:(.+)$/.exec(values.from ?? '')?.[1]
  if (directory === undefined) throw misused('--from takes sqlite: and a folder, as sqlite:./data.')
  if (!/^mongodb(\+srv)?:\/\/\S+$/.test(values.to ?? ''))
    throw misused('--to takes the URL of a MongoDB database, as mongodb://localhost:27017/tradewind.')
  if (!/^\d{1,9}$/.test(values.events)) throw misused('--events takes a whole number from 0.')
  return { directory, mongodb_url: values.to!, events: Number(values.events) }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        from: { type: 'string' },
        to: { type: 'string' },
        events: { type: 'string', default: DEFAULT_EVENTS },
      },
    }).values
  } catch (error) {
    throw misused((error as Error).message)
  }
}

function misused(sentence: string): StartRefused {
  return new StartRefused(`${sentence}\n\n${USAGE}`)
}
