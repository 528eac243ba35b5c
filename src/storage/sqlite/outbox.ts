import type { CloudEvent, Topic } from '../../kernel/event.ts'
import type { Outbox } from '../outbox.ts'
import type { StampedEvent } from '../stamp.ts'
import type { Engine, Part } from './part.ts'

const COUNTED_PENDING = 10_000

/** A plain rowid would start again at 1 when the table is empty, and the log would take new events for old ones. */
const SCHEMA = `CREATE TABLE IF NOT EXISTS outbox (
  position INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, at INTEGER NOT NULL, json TEXT NOT NULL)`

export const outboxPart: Part = {
  schema: SCHEMA,
  writes: ({ prepare, tell }) => {
    const last = prepare('SELECT max(position) AS position FROM outbox')
    const forget = prepare('DELETE FROM outbox WHERE position <= ?')
    return {
      'outbox.add': (events: readonly Pick<StampedEvent, 'topic' | 'json'>[]) => {
        for (const event of events) tell(event)
        return last.get()!.position
      },
      'outbox.acknowledge': (through: number) => {
        forget.run(through)
      },
    }
  },
  reads: ({ prepare }) => ({
    'outbox.pending': () => ({
      count: prepare(`SELECT count(*) AS count FROM (SELECT 1 FROM outbox LIMIT ${COUNTED_PENDING})`).get()!
        .count,
      oldest_at: prepare('SELECT at FROM outbox ORDER BY position LIMIT 1').get()?.at ?? null,
    }),
  }),
}

/** The outbox as the main thread has it; `onCommit` tells of commits that brought events. */
export function createOutbox(engine: Engine, onCommit: Outbox['onCommit']): Outbox {
  const page = engine.prepare(
    'SELECT position, topic, json FROM outbox WHERE position > ? ORDER BY position LIMIT ?',
  )
  const given = engine.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'")
  const oldest = engine.prepare('SELECT position FROM outbox ORDER BY position LIMIT 1')
  return {
    async read(after, limit) {
      const rows = page.all(after, limit) as unknown as { position: number; topic: Topic; json: string }[]
      return rows.map(({ position, topic, json }) => ({
        position,
        topic,
        json,
        event: JSON.parse(json) as CloudEvent,
      }))
    },
    acknowledge: (through) => engine.write('outbox.acknowledge', through),
    add: (events) =>
      engine.write(
        'outbox.add',
        events.map(({ topic, json }) => ({ topic, json })),
      ),
    async passed(position) {
      const waiting = oldest.get()?.position as number | undefined
      return waiting === undefined || waiting > position
    },
    pending: () => engine.read('outbox.pending', null),
    async history() {
      // AUTOINCREMENT gives positions without gaps: a rolled back write takes its positions back too.
      const last = (given.get()?.seq ?? 0) as number
      const waiting = oldest.get()?.position as number | undefined
      return { given: last, acknowledged: waiting === undefined ? last : waiting - 1 }
    },
    onCommit,
  }
}
