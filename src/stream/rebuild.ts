import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { RollUps } from '../storage/roll-ups.ts'
import { startConsumers } from './consumers.ts'
import { forgetParked, type Parked } from './parking.ts'
import type { RollUpReaction } from './reaction.ts'
import type { Log } from './stream.ts'

export interface RebuildOptions {
  reaction: RollUpReaction
  log: Log
  rollUps: RollUps
  clock: Clock
  logger: Logger
  onProgress?(events: number): void
}

/**
 * Drops a roll-up and folds the whole log again with the code that counts while the shop runs. Nobody else may
 * run the group meanwhile. Interrupted, it goes on where it was at the next start of the shop.
 */
export async function rebuildRollUp(options: RebuildOptions): Promise<{ events: number; parked: Parked[] }> {
  const { reaction, log, rollUps, clock, logger, onProgress } = options
  await rollUps.drop(reaction.name)
  await forgetParked(rollUps, reaction.name)
  let events = 0
  const onHandled = (_group: string, count: number) => {
    events += count
    onProgress?.(events)
  }
  const consumers = await startConsumers({
    log,
    rollUps,
    reactions: [reaction],
    clock,
    logger,
    linger_ms: 0,
    onHandled,
  })
  try {
    await consumers.caughtUp()
    return { events, parked: consumers.parked() }
  } finally {
    await consumers.stop()
  }
}
