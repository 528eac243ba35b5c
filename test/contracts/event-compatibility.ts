import { isDeepStrictEqual } from 'node:util'

export interface JsonSchema {
  type?: string
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  anyOf?: JsonSchema[]
  enum?: unknown[]
  const?: unknown
  [keyword: string]: unknown
}

/** Topic and schema of the data, by type. */
export type Snapshot = Record<string, { topic: string; data: JsonSchema }>

/** Keywords that tell a reader nothing about how to read. */
const NOTES = new Set([
  'description',
  'title',
  'examples',
  'default',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'maxItems',
  'minItems',
  'pattern',
])

/** What a reader of the events as they were could not read any more: fields may be added, optional, and nothing else. */
export function incompatibilities(before: Snapshot, after: Snapshot): string[] {
  return Object.entries(before).flatMap(([type, { topic, data }]) => {
    const now = after[type]
    if (!now) return [`${type} is gone`]
    if (now.topic !== topic) return [`${type} moved from ${topic} to ${now.topic}`]
    return ofSchema(type, data, now.data)
  })
}

function ofSchema(path: string, before: JsonSchema, after: JsonSchema): string[] {
  if (before.properties) return ofObject(path, before, after)
  if (before.items)
    return after.items ? ofSchema(`${path}[]`, before.items, after.items) : [`${path} is no list any more`]
  const [was, is] = [readingOf(before), readingOf(after)]
  return isDeepStrictEqual(was, is) ? [] : [`${path} was ${JSON.stringify(was)} and is ${JSON.stringify(is)}`]
}

function ofObject(path: string, before: JsonSchema, after: JsonSchema): string[] {
  if (!after.properties) return [`${path} is no object any more`]
  const found: string[] = []
  for (const [name, schema] of Object.entries(before.properties!)) {
    const now = after.properties[name]
    if (!now) found.push(`${path}/${name} is gone`)
    else found.push(...ofSchema(`${path}/${name}`, schema, now))
    if (now && before.required?.includes(name) && !after.required?.includes(name))
      found.push(`${path}/${name} became optional`)
  }
  for (const name of after.required ?? []) {
    if (!before.properties![name])
      found.push(`${path}/${name} is new and required: events told before lack it`)
    else if (!before.required?.includes(name))
      found.push(`${path}/${name} became required: events told before may lack it`)
  }
  return found
}

function readingOf(schema: JsonSchema): unknown {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !NOTES.has(keyword)))
}
