import type { CloudEvent, Topic } from '../../kernel/event.ts'
import { withPrefix } from '../../kernel/ids.ts'
import { type Deed, MAX_TOLD_CHARACTERS } from './schema.ts'

/** Makes a keyed digest of a text that belongs to a person. */
export type Digest = (text: string) => string

/** Names under which events would hold what belongs to a person. Events hold none of it; other writers of a topic might. */
const PERSONAL = new Set([
  'email',
  'phone',
  'line1',
  'line2',
  'street',
  'postal_code',
  'recipient',
  'password',
  'ip',
  'note',
])

/** Fields that tell of the state before, with the field that they were. */
const BEFORE: Record<string, string> = {
  from_status: 'status',
  status_before: 'status',
  available_before: 'available',
  low_before: 'low',
}

/** What an event tells of a deed: what it was done to, and before and after as far as it says. */
export function deedOf(event: CloudEvent, topic: Topic, role: Deed['role'], digest: Digest): Deed {
  const { before, after } = toldStates(event)
  const text = (fields: object) => shortened(JSON.stringify(fields, digesting(topic, digest)))
  return {
    id: withPrefix(event.id, 'aud'),
    event_id: event.id,
    at: event.time,
    actor: event.actor,
    role,
    origin: event.origin ?? null,
    topic,
    type: event.type,
    subject: event.subject,
    before: text(before),
    after: text(after),
  }
}

function toldStates({ type, data }: CloudEvent): { before: object; after: object } {
  const { before: told, ...fields } = data as Record<string, unknown>
  if (type === 'user_role_changed') {
    const { from, to, ...state } = fields
    return { before: { role: from }, after: { ...state, role: to } }
  }
  const before: Record<string, unknown> = { ...(isObject(told) && told) }
  const after: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    const was = BEFORE[name]
    if (was === undefined) after[name] = value
    else before[was] = value
  }
  return { before, after }
}

function digesting(topic: Topic, digest: Digest) {
  return (name: string, value: unknown): unknown => {
    // Products and categories have names, too.
    const personal = PERSONAL.has(name) || (name === 'name' && topic !== 'ecommerce-inventory')
    return personal && (typeof value === 'string' || typeof value === 'number')
      ? digest(String(value))
      : value
  }
}

function shortened(text: string): string {
  return text.length <= MAX_TOLD_CHARACTERS ? text : JSON.stringify({ too_long: text.length })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
