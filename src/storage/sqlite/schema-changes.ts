import type { DatabaseSync } from 'node:sqlite'

interface SchemaObject {
  type: 'table' | 'index' | 'trigger'
  name: string
  sql: string
}

/**
 * Brings the indexes of a collection to what is wanted: by full name the statements that make one. An index
 * whose text is unchanged is left alone, any other is dropped and made again; `beforeMaking` is called with its name first.
 */
export function synchronise(
  db: DatabaseSync,
  collection: string,
  wanted: ReadonlyMap<string, string[]>,
  beforeMaking: (index: string) => void,
): void {
  const present = new Map<string, SchemaObject[]>()
  const objects = db
    .prepare(`SELECT type, name, sql FROM sqlite_schema WHERE name GLOB ? AND sql IS NOT NULL`)
    .all(`${collection}.*`) as unknown as SchemaObject[]
  for (const object of objects) {
    const index = object.name.split('.').slice(0, 2).join('.')
    present.set(index, [...(present.get(index) ?? []), object])
  }
  for (const [index, existing] of present) {
    if (!sameObjects(existing, wanted.get(index) ?? [])) {
      drop(db, existing)
      present.delete(index)
    }
  }
  for (const [index, statements] of wanted) {
    if (present.has(index)) continue
    beforeMaking(index)
    for (const statement of statements) db.exec(statement)
  }
}

function sameObjects(existing: SchemaObject[], statements: string[]): boolean {
  const made = statements.filter((statement) => statement.startsWith('CREATE '))
  const texts = new Set(existing.map((object) => object.sql))
  return made.length === texts.size && made.every((statement) => texts.has(statement))
}

function drop(db: DatabaseSync, objects: SchemaObject[]): void {
  // A table takes its triggers' targets with it, so the triggers go first.
  const order = ['trigger', 'index', 'table']
  const sorted = objects.toSorted((a, b) => order.indexOf(a.type) - order.indexOf(b.type))
  for (const { type, name } of sorted) db.exec(`DROP ${type} "${name}"`)
}
