import { ALL_COLLECTIONS } from '../../src/collections.ts'
import type { Config } from '../../src/config.ts'
import { systemClock as clock } from '../../src/kernel/clock.ts'
import { KEPT_EVENTS } from '../../src/shop/clickstream/kept-schema.ts'
import { CLICKSTREAM_TOPIC } from '../../src/shop/clickstream/schema.ts'
import { type MongoImport, openMongoImport } from '../../src/storage/mongo/import.ts'
import type { CollectionDefinition } from '../../src/storage/storage.ts'
import { FIRST_PLACES } from '../../src/stream/first-places.ts'
import type { Log } from '../../src/stream/stream.ts'
import { compareEvents } from './compare-events.ts'
import { compareReplayed, logFindings, logRemarks } from './compare-log.ts'
import { compareSequences } from './compare-sequences.ts'
import {
  compareDocuments,
  compareFigures,
  compareOutbox,
  comparePositions,
  compareRollUps,
  compareStock,
} from './compare-storage.ts'
import { copyEvents, type EventsToKeep } from './copy-events.ts'
import {
  type Copying,
  copyDocuments,
  copyOutbox,
  copyPositions,
  copyRollUps,
  copyStock,
} from './copy-storage.ts'
import { type Finding, tableOf } from './findings.ts'
import { type MovedPartition, moveLog, runsOf } from './move-log.ts'
import type { MigrateOptions } from './options.ts'
import { readSequences } from './sequences.ts'
import { openSource, type Source } from './source.ts'
import { type Say, steadily } from './step.ts'
import { openTargetLog, placeOfLog } from './target-log.ts'

export interface Moving {
  options: MigrateOptions
  config: Config
  say: Say
}

/** What lies in a shop's folder, without what only a shop on Kafka keeps. */
// biome-ignore lint/suspicious/noExplicitAny: the documents of the collections differ
const COLLECTIONS: readonly CollectionDefinition<any>[] = ALL_COLLECTIONS.filter(
  ({ name }) => name !== KEPT_EVENTS.name && name !== FIRST_PLACES.name,
)

/**
 * Copies a stopped shop from its folder to MongoDB and, where one is configured, its log to Kafka; compares both, and only
 * then lets a server start there. True when everything is equal. Repeated after a crash it goes on where it was.
 */
export async function moveHouse({ options, config, say }: Moving): Promise<boolean> {
  const source = await openSource(options.directory)
  const events = { newest: options.events, kept: config.EVENTS_COLLECTION }
  const house = await openMongoImport({
    url: options.mongodb_url,
    collections: ALL_COLLECTIONS,
    clock,
    source: source.identity,
    log: placeOfLog(config, events),
  }).catch((error: unknown) => {
    source.close()
    throw error
  })
  let log: Log | null = null
  try {
    if (house.finished_at !== null) {
      say(
        `This shop has moved already: the copy was complete and equal on ${house.finished_at}. Nothing was changed.`,
      )
      return true
    }
    if (house.resumed) say('An earlier run was broken off; this one goes on where it was.')
    log = await openTargetLog(config)
    return await move({ source, house, log, say, events })
  } finally {
    await log?.close()
    await house.close()
    source.close()
  }
}

interface Move {
  source: Source
  house: MongoImport
  log: Log | null
  say: Say
  events: EventsToKeep
}

async function move({ source, house, log, say, events }: Move): Promise<boolean> {
  const { resumed } = house
  await steadily(() => house.setProgress('begun', true))
  const partitions = log ? await moveLog({ old: source.log, fresh: log }, say) : []
  const sequences = log ? await readSequences(source) : null
  const copying: Copying = { source, house, moved: runsOf(partitions), sequences, resumed, say }
  for (const definition of COLLECTIONS) await copyDocuments(copying, definition)
  await copyStock(copying)
  await copyRollUps(copying)
  await copyOutbox(copying)
  if (log) await copyEvents(copying, events)
  await copyPositions(copying)

  say('Comparing …')
  const findings = await compare(copying, { log, partitions, events })
  say(`\n${tableOf(findings)}\n`)
  for (const remark of logRemarks(partitions)) say(remark)
  const equal = findings.every((finding) => finding.equal)
  if (equal) await steadily(() => house.finish())
  return equal
}

async function compare(
  copying: Copying,
  {
    log,
    partitions,
    events,
  }: { log: Log | null; partitions: readonly MovedPartition[]; events: EventsToKeep },
): Promise<Finding[]> {
  const { source, sequences, say } = copying
  const findings: Finding[] = [...logFindings(partitions)]
  for (const definition of COLLECTIONS) findings.push(await compareDocuments(copying, definition))
  findings.push(...(await compareStock(copying)))
  findings.push(...(await compareRollUps(copying)), await compareFigures(copying))
  if (sequences) findings.push(...(await compareSequences(copying, sequences, COLLECTIONS)))
  findings.push(await comparePositions(copying), await compareOutbox(copying))
  if (log && events.kept) findings.push(await compareEvents(copying, events.newest))
  const copies = partitions.some(({ topic, copies }) => topic === CLICKSTREAM_TOPIC && copies > 0)
  findings.push(...(await compareReplayed(copying, log ?? source.log, { copies, say })))
  return findings
}
