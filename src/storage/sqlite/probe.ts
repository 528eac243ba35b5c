import type { Part } from './part.ts'

/** A row that a health check writes, so that it knows and does not guess. */
export const probePart: Part = {
  schema: 'CREATE TABLE IF NOT EXISTS probe (id INTEGER PRIMARY KEY CHECK (id = 1), writes INTEGER NOT NULL)',
  writes: ({ prepare }) => {
    const touch = prepare(
      'INSERT INTO probe (id, writes) VALUES (1, 1) ON CONFLICT DO UPDATE SET writes = writes + 1',
    )
    return {
      probe: () => {
        touch.run()
      },
    }
  },
  reads: () => ({}),
}
