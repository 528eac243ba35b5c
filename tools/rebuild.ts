import { parseArgs } from 'node:util'
import {
  type Config,
  ConfigurationError,
  EXIT_CONFIGURATION,
  environmentWithFile,
  readConfig,
} from '../src/config.ts'
import { systemClock as clock } from '../src/kernel/clock.ts'
import { StartRefused } from '../src/kernel/start-refused.ts'
import { clickstreamRepeats, clickstreamRepeatsSeen } from '../src/shop/clickstream/repeats.ts'
import { LEDGERS, ROLL_UPS, rollUpsOf } from '../src/shop/roll-ups.ts'
import { createGone } from '../src/shop/users/gone.ts'
import type { Storage } from '../src/storage/storage.ts'
import { compareRollUp } from '../src/stream/compare.ts'
import type { RollUpReaction } from '../src/stream/reaction.ts'
import { type ReadFrom, readAgain, rebuildRollUp } from '../src/stream/rebuild.ts'
import { openForReading, openForWriting, TERSE } from './open-data.ts'

const USAGE = `npm run rebuild -- NAME            drops a roll-up and builds it again from the log; a server on DATA_DIR must be
                                   stopped, nodes on MongoDB and Kafka take part
                                   (--accept-loss: also when the log no longer has the oldest events it counted)
npm run rebuild -- NAME --compare  says whether it is what the log says; the server may run
NAME is one of: ${ROLL_UPS.map(({ name }) => name).join(', ')}; without --compare also
${LEDGERS.map(({ name }) => name).join(', ')}, which keep what they have and read the log again`
const SHOWN_DIFFERENCES = 20
const PROGRESS_EVENTS = 500_000

const started = performance.now()
try {
  process.exitCode = await main()
} catch (error) {
  process.exitCode = error instanceof ConfigurationError ? EXIT_CONFIGURATION : 1
  const expected = error instanceof ConfigurationError || error instanceof StartRefused
  console.error(expected ? error.message : error)
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      compare: { type: 'boolean', default: false },
      'accept-loss': { type: 'boolean', default: false },
    },
  })
  const [wanted = ''] = positionals
  const ledger = LEDGERS.find(({ name }) => name === wanted)
  if (ledger && positionals.length === 1 && !values.compare) return again(ledger)
  const reaction = ROLL_UPS.find(({ name }) => name === wanted)
  if (!reaction || positionals.length !== 1) {
    console.error(USAGE)
    return 1
  }
  const config = readConfig(environmentWithFile())
  return values.compare ? compare(config, reaction) : rebuild(config, reaction, values['accept-loss'])
}

async function again(ledger: ReadFrom): Promise<number> {
  const { storage, log, close } = await openForWriting(readConfig(environmentWithFile()))
  try {
    await readAgain(ledger, { log, rollUps: storage.rollUps })
    console.log(`${ledger.name}: nodes that run, or the next start, read the log again from its beginning.`)
    return 0
  } finally {
    await close()
  }
}

async function compare(config: Config, { name }: RollUpReaction): Promise<number> {
  const { storage, log, close } = await openForReading(config)
  try {
    const { rollUps } = storage
    const reaction = countedBy(name, storage)
    const { documents, events, differences, trimmed } = await compareRollUp({
      reaction,
      log,
      rollUps,
      repeats: clickstreamRepeatsSeen({ storage }),
      onProgress: progress(),
    })
    for (const { id, stored, folded } of differences.slice(0, SHOWN_DIFFERENCES)) {
      console.log(`${id}\n  stored  ${JSON.stringify(stored)}\n  the log ${JSON.stringify(folded)}`)
    }
    if (differences.length > SHOWN_DIFFERENCES)
      console.log(`… and ${differences.length - SHOWN_DIFFERENCES} more`)
    for (const topic of trimmed)
      console.log(
        `${topic}: its oldest events are no longer in the log; what counted them cannot be compared`,
      )
    const verdict = differences.length === 0 ? 'equal' : `NOT equal, ${differences.length} documents differ`
    console.log(`${reaction.name}: ${verdict} (${documents} documents, ${events} events, ${seconds()})`)
    return differences.length === 0 ? 0 : 1
  } finally {
    await close()
  }
}

async function rebuild(config: Config, { name }: RollUpReaction, acceptLoss: boolean): Promise<number> {
  const { storage, log, close } = await openForWriting(config)
  try {
    const { rollUps } = storage
    const reaction = countedBy(name, storage)
    const trimmed = (await log.ends(reaction.topics)).find(({ first }) => first > 0)
    if (trimmed && !acceptLoss) {
      console.error(
        `${trimmed.topic}: its oldest events are no longer in the log; built again, ${reaction.name} would lose what it counted of them. --accept-loss does it all the same.`,
      )
      return 1
    }
    const { events, parked } = await rebuildRollUp({
      ...{ reaction, log, rollUps, clock, logger: TERSE },
      repeats: clickstreamRepeats({ storage, clock }),
      onProgress: progress(),
    })
    for (const { topic, subject, reason } of parked) console.log(`parked: ${topic} ${subject}: ${reason}`)
    console.log(`${reaction.name}: built from ${events} events (${seconds()})`)
    return parked.length === 0 ? 0 : 1
  } finally {
    await close()
  }
}

/** As the shop counts it. */
function countedBy(wanted: string, storage: Pick<Storage, 'collection'>): RollUpReaction {
  return rollUpsOf({ gone: createGone({ storage }) }).find(({ name }) => name === wanted)!
}

function progress(): (events: number) => void {
  let told = 0
  return (events) => {
    if (events - told < PROGRESS_EVENTS) return
    told = events
    console.log(`  ${events} events, ${seconds()}`)
  }
}

function seconds(): string {
  return `${((performance.now() - started) / 1_000).toFixed(1)} s`
}
