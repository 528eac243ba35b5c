import type { CloudEvent } from '../../kernel/event.ts'

/**
 * CloudEvents 1.0 in Kafka's binary mode: attributes are headers `ce_…`, the value is the data alone, as plain JSON.
 * The text that is read back has the attributes in the order of `CloudEvent`, the data last.
 */
const TEXT_ATTRIBUTES = ['specversion', 'id', 'source', 'type', 'subject', 'time', 'dataschema'] as const
const ATTRIBUTES = [...TEXT_ATTRIBUTES, 'sequence', 'partitionkey', 'actor'] as const
type Attributes = Omit<CloudEvent, 'data'>

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
 * The CloudEvent's text of a record. A record without the headers is none of ours: its value stands for the text, and
 * who reads it will say that it is damaged.
 */
export function decode(headers: RawHeaders, value: Buffer | null): string {
  const data = value === null ? 'null' : value.toString('utf8')
  let text = '{'
  for (let index = 0; index < ATTRIBUTES.length; index++) {
    const found = headerAt(headers, index)
    if (found === undefined) return data
    if (index === SEQUENCE && !/^\d+$/.test(found)) return data
    text += `"${ATTRIBUTES[index]}":${index === SEQUENCE ? found : JSON.stringify(found)},`
  }
  return `${text}"data":${data}}`
}

/** Ours come in their order; those of other writers may not. */
function headerAt(headers: RawHeaders, index: number): string | undefined {
  const name = HEADERS[index]!
  const [key, value] = headers[index] ?? [null, null]
  if (key?.equals(name)) return value?.toString('utf8')
  return headers.find(([other]) => other?.equals(name))?.[1]?.toString('utf8')
}
