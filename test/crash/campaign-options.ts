import { parseArgs } from 'node:util'
import { PAIR_NAMES, type PairName, sharesEngines } from './pairs/pair.ts'
import type { CampaignOptions } from './run.ts'
import { KINDS, type Kind } from './strike.ts'

export const USAGE = `npm run crash -- [OPTIONS]

Loads a shop, kills what it consists of without a warning, brings it back, and in between lets a checker that shares no
code with the shop compare what clients were told with what storage and log hold. Ends with status 1 and keeps its folder
when an invariant was violated. The servers it needs it starts itself; they end with it, even if it is killed.

  --pair NAME          ${PAIR_NAMES.join(', ')}
                       (default embedded: SQLite and the embedded log, in the shop's own process)
  --kills N            ends after N strikes (default 50)
  --minutes N          ends after so long instead
  --nodes N            so many processes of the shop behind a round-robin balancer (mongo-kafka only; default 1)
  --kill KINDS         what is killed, comma separated: ${KINDS.join(', ')} (default: all that the pair has)
  --right-clock        leaves the clock alone; without it, it jumps an hour ahead, ten minutes back, and back again
  --every N            strikes every N seconds; without it at random, every few seconds
  --inspect-every N    quiet and the checker after every N strikes (default: 10, on the embedded pair only at the end)
  --seed N             chooses what actors do and what is killed
  --keep               keeps the folder in any case
  --help

A strike kills one of the kinds, now and then two at once. Each kind is counted. The payment provider is a process of its own,
one for all nodes; beside being killed it loses calls and answers, breaks, and tells late, twice, and with forged signatures.
Before the checker looks, its faults stop and the clock is put right.`

export interface CampaignCommand extends Omit<CampaignOptions, 'pair' | 'directory' | 'say'> {
  pair: PairName
  keep: boolean
}

/** Reads the command line; undefined when it only asks for help. Throws with a sentence for what it cannot be. */
export function readCommand(line: readonly string[]): CampaignCommand | undefined {
  const { values } = parseArgs({
    args: [...line],
    options: {
      pair: { type: 'string', default: 'embedded' },
      kills: { type: 'string' },
      minutes: { type: 'string' },
      nodes: { type: 'string', default: '1' },
      kill: { type: 'string' },
      every: { type: 'string' },
      'inspect-every': { type: 'string' },
      seed: { type: 'string', default: String(1 + (Date.now() % 1_000_000)) },
      'right-clock': { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const pair = oneOf('--pair', PAIR_NAMES, values.pair)
  const nodes = whole('--nodes', values.nodes)
  if (nodes > 1 && !sharesEngines(pair)) throw new Error('--nodes above 1 needs --pair mongo-kafka')
  if (values.kills !== undefined && values.minutes !== undefined)
    throw new Error('--kills and --minutes cannot both say when it ends')
  const inspectEvery = values['inspect-every'] ?? (pair === 'embedded' ? undefined : '10')
  return {
    pair,
    nodes,
    until:
      values.minutes === undefined
        ? { kills: whole('--kills', values.kills ?? '50') }
        : { minutes: whole('--minutes', values.minutes) },
    ...(values.kill !== undefined && { kinds: kindsOf(values.kill, pair) }),
    ...(values.every !== undefined && { every_ms: whole('--every', values.every.replace(/s$/, '')) * 1_000 }),
    ...(inspectEvery !== undefined && { inspectEvery: whole('--inspect-every', inspectEvery) }),
    jumps: !values['right-clock'],
    seed: whole('--seed', values.seed),
    keep: values.keep,
  }
}

function kindsOf(text: string, pair: PairName): Kind[] {
  const kinds = text.split(',').map((kind) => oneOf('--kill', KINDS, kind))
  const there = {
    node: true,
    broker: pair.endsWith('kafka'),
    database: pair.startsWith('mongo'),
    provider: true,
  }
  const absent = kinds.find((kind) => !there[kind])
  if (absent) throw new Error(`--kill ${absent}: the pair ${pair} has none`)
  return kinds
}

function whole(option: string, text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`${option} must be a whole number above 0`)
  return number
}

function oneOf<Name extends string>(option: string, names: readonly Name[], text: string): Name {
  const name = names.find((one) => one === text)
  if (name === undefined) throw new Error(`${option} must be one of ${names.join(', ')}`)
  return name
}
