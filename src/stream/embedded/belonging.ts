import { StartRefused } from '../../kernel/start-refused.ts'
import { logExists, logPath } from './log-file.ts'
import type { WriterClient } from './writer-client.ts'

/** What the storage's outbox has seen: its last position, and the last one that a log confirmed. */
export interface History {
  given: number
  acknowledged: number
}

const WAYS =
  'Restore both files from one backup into an empty folder (npm run restore); without one, keep the numbers counted so far and begin a new log with: npm run new-log'

/** A log that is gone would silently begin anew, without the events that the storage has handed over. */
export function refuseLostLog(directory: string, { acknowledged }: History): void {
  if (acknowledged === 0 || logExists(directory)) return
  throw new StartRefused(
    `${logPath(directory)} is missing, but the storage beside it has handed over ${acknowledged} events to it. ${WAYS}`,
  )
}

/**
 * A log ahead of its storage would take the storage's next events for old ones; a log behind it lacks events
 * that nobody has any more.
 */
export async function refuseOtherLog(
  directory: string,
  history: History,
  writer: WriterClient,
): Promise<void> {
  const position = writer.opened.outbox_position
  if (position <= history.given && position >= history.acknowledged) return
  await writer.close()
  const how =
    position > history.given
      ? `it has events up to ${position}, the storage has made ${history.given}`
      : `it ends at event ${position}, the storage has handed over ${history.acknowledged}`
  throw new StartRefused(`${logPath(directory)} does not belong to the storage beside it: ${how}. ${WAYS}`)
}
