import { isDeepStrictEqual } from 'node:util'
import { clickstreamRepeatsSeen } from '../../src/shop/clickstream/repeats.ts'
import { ROLL_UPS } from '../../src/shop/roll-ups.ts'
import { type CompareOptions, type Comparison, compareRollUp } from '../../src/stream/compare.ts'
import type { RollUpReaction } from '../../src/stream/reaction.ts'
import { openStorageForReading } from '../open-data.ts'
import { digester } from './canonical.ts'
import type { Copying } from './copy-storage.ts'
import { type Finding, findingOf } from './findings.ts'
import type { MovedPartition } from './move-log.ts'
import type { Source } from './source.ts'
import { lines, type Say } from './step.ts'

/** A row per topic; a row more for each partition that differs. */
export function logFindings(moved: readonly MovedPartition[]): Finding[] {
  return [...Map.groupBy(moved, ({ topic }) => topic)].flatMap(([topic, partitions]) => {
    const sums = { old: digester(), fresh: digester() }
    const counts = { old: 0, fresh: 0 }
    const different: Finding[] = []
    for (const { partition, old, fresh } of partitions) {
      sums.old.add(old.hash)
      sums.fresh.add(fresh.hash)
      counts.old += old.count
      counts.fresh += fresh.count
      const finding = findingOf(`  partition ${partition}`, old, fresh)
      if (!finding.equal) different.push(finding)
    }
    const digests = {
      old: { ...sums.old.result(), count: counts.old },
      fresh: { ...sums.fresh.result(), count: counts.fresh },
    }
    return [findingOf(`log ${topic}`, digests.old, digests.fresh), ...different]
  })
}

/** Sentences about what is in one log only. */
export function logRemarks(moved: readonly MovedPartition[]): string[] {
  const copies = moved.reduce((sum, one) => sum + one.copies, 0)
  const damaged = moved.flatMap(({ topic, partition, damaged: offsets }) =>
    offsets.map((offset) => `${topic}/${partition}/${offset}`),
  )
  return [
    ...(copies > 0
      ? [`${copies} events stand in Kafka a second time, because a confirmation was lost; readers drop them.`]
      : []),
    ...(damaged.length > 0
      ? [`Damaged texts of the old log, which nobody could read, stayed behind: ${damaged.join(', ')}.`]
      : []),
  ]
}

/** Folds the log that the shop goes on with, and compares what comes out with the roll-ups that moved in. */
export async function compareReplayed(
  { source, house }: Pick<Copying, 'source' | 'house'>,
  log: CompareOptions['log'],
  { copies, say }: { copies: boolean; say: Say },
): Promise<Finding[]> {
  const { rollUps } = house.reading
  const repeats = copies ? clickstreamRepeatsSeen({ storage: house.reading }) : undefined
  const findings: Finding[] = []
  for (const reaction of ROLL_UPS) {
    const tell = lines(say)
    const onProgress = (events: number) => tell(`replaying ${reaction.name}: ${events} events`)
    const now = differing(await compareRollUp({ reaction, log, rollUps, repeats, onProgress }))
    // What retention has taken of the old log cannot be counted again; the old roll-ups then differ from it likewise.
    const known = now.length === 0 ? [] : await differingBefore(source, reaction)
    findings.push({
      what: `replayed ${reaction.name}`,
      old: `${known.length} differ`,
      fresh: `${now.length} differ`,
      equal: isDeepStrictEqual(now, known),
    })
  }
  return findings
}

async function differingBefore({ directory, log }: Source, reaction: RollUpReaction): Promise<string[]> {
  const storage = await openStorageForReading(directory)
  try {
    return differing(await compareRollUp({ reaction, log, rollUps: storage.rollUps }))
  } finally {
    await storage.close()
  }
}

function differing({ differences }: Comparison): string[] {
  return differences.map(({ id }) => id).sort()
}
