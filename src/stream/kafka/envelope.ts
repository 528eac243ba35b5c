import type { CloudEvent } from '../../kernel/event.ts'
import { cloudEvent } from '../event-of.ts'

/**
 * CloudEvents 1.0 in Kafka's binary mode: attributes are headers `ce_…`, the value is the data alone, as plain JSON.
 * What is read back has the attributes in the order of `CloudEvent`, the data last.
 */
const TEXT_ATTRIBUTES = ['specversion', 'id', 'source', 'type', 'subject', 'time', 'dataschema'] as const
const ATTRIBUTES = [...TEXT_ATTRIBUTES, 'sequence', 'partitionkey', 'actor'] as const
type Attributes = Omit<CloudEvent, 'data'>

/** Stands behind all others, and only in events of which it is known. */
const ORIGIN = Buffer.from('ce_origin')
const HEADERS = ATTRIBUTES.map((name) => Buffer.from(`ce_${name}`))
const CONTENT_TYPE = Buffer.from('content-type')
const JSON_TYPE = Buffer.from('application/json')
const SEQUENCE = ATTRIBUTES.indexOf('sequence')
/** Values that nearly all events share are encoded once. */
const COMMON = new Map(['1.0', '0', 'system', '/tradewind'].map((text) => [text, Buffer.from(text)]))

export interface EncodedEvent {
  headers: Map<Buffer, Buffer>
  value: Buffer
}

/** Headers and value of a CloudEvent's text. */
export function encode(json: string): EncodedEvent {
  const { attributes, data } = split(json) ?? parsed(json)
  const headers = new Map<Buffer, Buffer>()
  ATTRIBUTES.forEach((name, index) => {
    const text = String(attributes[name])
    headers.set(HEADERS[index]!, COMMON.get(text) ?? Buffer.from(text))
  })
  headers.set(CONTENT_TYPE, JSON_TYPE)
  if (attributes.origin !== undefined) headers.set(ORIGIN, Buffer.from(attributes.origin))
  return { headers, value: Buffer.from(data) }
}

/**
 * Parses the attributes and leaves the data as it stands. Before the data there are only attributes, and within their
 * texts a quote would be escaped: so the first `,"data":{` is the data's name. Undefined when it looks otherwise.
 */
function split(json: string): { attributes: Attributes; data: string } | undefined {
  const at = json.indexOf(',"data":{')
  if (at < 0 || !json.endsWith('}')) return undefined
  // Events of documents get their number last, those of visitors have theirs before the data.
  const tail = json.lastIndexOf(',"sequence":')
  const last = tail > at ? /^\d+(?=\}$)/.exec(json.slice(tail + ',"sequence":'.length)) : null
  const end = last ? tail : json.length - 1
  try {
    const attributes = JSON.parse(`${json.slice(0, at)}}`) as Attributes
    if (last) attributes.sequence = Number(last[0])
    if (ATTRIBUTES.some((name) => attributes[name] === undefined)) return undefined
    return { attributes, data: json.slice(at + ',"data":'.length, end) }
  } catch {
    return undefined
  }
}

function parsed(json: string): { attributes: Attributes; data: string } {
  const { data, ...attributes } = JSON.parse(json) as CloudEvent
  return { attributes, data: JSON.stringify(data ?? null) }
}

export type RawHeaders = readonly (readonly [Buffer | null, Buffer | null])[]

/**
 * The CloudEvent of a record, its attributes in the order of the port's, the data last; checked, so that readers need not.
 * Undefined when it is none of ours or damaged.
 */
export function decode(headers: RawHeaders, value: Buffer | null): CloudEvent | undefined {
  const event: Record<string, unknown> = {}
  for (let index = 0; index < ATTRIBUTES.length; index++) {
    const text = headerAt(headers, index)
    if (text === undefined) return undefined
    event[ATTRIBUTES[index]!] = index === SEQUENCE ? countOf(text) : text
  }
  const origin = originAt(headers)
  if (origin !== undefined) event.origin = origin
  try {
    event.data = JSON.parse(textOf(value))
    return cloudEvent(event)
  } catch {
    return undefined
  }
}

/** What stands for the text of a record that is no event of ours: with the headers of one, all of it; else the value. */
export function damagedText(headers: RawHeaders, value: Buffer | null): string {
  const data = textOf(value)
  const attributes = ATTRIBUTES.map((name, index) => [name, headerAt(headers, index)] as const)
  if (attributes.some(([, text]) => text === undefined)) return data
  return `${JSON.stringify(Object.fromEntries(attributes)).slice(0, -1)},"data":${data}}`
}

function originAt(headers: RawHeaders): string | undefined {
  if (headers.length <= HEADERS.length + 1) return undefined
  return headers.find(([name]) => name?.equals(ORIGIN))?.[1]?.toString('utf8')
}

function textOf(value: Buffer | null): string {
  return value === null ? 'null' : value.toString('utf8')
}

function countOf(text: string): number {
  return DIGITS.test(text) ? Number(text) : Number.NaN
}

const DIGITS = /^\d+$/

/** Ours come in their order; those of other writers may not. */
function headerAt(headers: RawHeaders, index: number): string | undefined {
  const name = HEADERS[index]!
  const [key, value] = headers[index] ?? [null, null]
  if (key?.equals(name)) return value?.toString('utf8')
  return headers.find(([other]) => other?.equals(name))?.[1]?.toString('utf8')
}
