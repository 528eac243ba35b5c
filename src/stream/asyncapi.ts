import { EVENT_SOURCE, PARTITIONS, TOPICS, type Topic } from '../kernel/event.ts'
import type { EventType } from '../kernel/event-type.ts'

/** What a topic holds, for its readers. */
const DESCRIPTIONS: Record<Topic, string> = {
  'ecommerce-user-events': 'Accounts: registered, changed, signed in. Key: user id. Kept for ever.',
  'ecommerce-orders': 'Orders and every change of them. Key: order id. Kept for ever.',
  'ecommerce-inventory':
    'Products, categories, stock and reviews. Key: product or category id. Kept for ever.',
  'ecommerce-clickstream': 'What visitors do. Key: visitor (anonymous) id. Kept 30 days or more.',
  'ecommerce-payments': 'Money that moved or did not. Key: order id. Kept for ever.',
  'ecommerce-operations': 'Settings and jobs. Key: name of the setting or job. Kept for ever.',
  'ecommerce-dead-letters': 'What the door or a consumer could not take, with the reason. Kept 30 days.',
}

export interface AsyncApiOptions {
  version: string
  events: readonly EventType[]
}

/**
 * The AsyncAPI document of the streams, made of the schemas that events are checked against when they are made.
 * Source: https://www.asyncapi.com/docs/reference/specification/v3.0.0
 */
export function asyncApi({ version, events }: AsyncApiOptions): object {
  const topics = TOPICS.filter((topic) => events.some((event) => event.topic === topic))
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Tradewind streams',
      version,
      description:
        'CloudEvents 1.0. Here each is one JSON object, as the embedded log has it. In Kafka (binary mode) the attributes are headers ' +
        '`ce_id`, `ce_type` and so on, the key is `partitionkey`, and the value is `data` alone, as application/json; names of topics may ' +
        'have a prefix there. `sequence` counts the events of one (topic, subject) from 1 without gaps; 0 where nothing counts. An event ' +
        'may stand in Kafka more than once, with the same id and sequence, and its first copies are in order. No event carries personal data.',
    },
    defaultContentType: 'application/cloudevents+json',
    channels: Object.fromEntries(topics.map((topic) => [topic, channel(topic, events)])),
    operations: Object.fromEntries(topics.map((topic) => [`send-${topic}`, operation(topic)])),
    components: {
      messages: Object.fromEntries(events.map((event) => [keyOf(event.type), message(event)])),
      schemas: Object.fromEntries([
        ['CloudEvent', ENVELOPE],
        ...events.map((event) => [`${keyOf(event.type)}.data`, plain(event.data)]),
      ]),
    },
  }
}

function channel(topic: Topic, events: readonly EventType[]): object {
  const own = events.filter((event) => event.topic === topic)
  return {
    address: topic,
    description: `${DESCRIPTIONS[topic]} ${PARTITIONS} partitions; a key's partition is that of Kafka's Java client.`,
    messages: Object.fromEntries(
      own.map(({ type }) => [keyOf(type), { $ref: `#/components/messages/${keyOf(type)}` }]),
    ),
  }
}

function operation(topic: Topic): object {
  return { action: 'send', channel: { $ref: `#/channels/${topic}` } }
}

function message({ type }: EventType): object {
  const family = type.endsWith('*') ? type.slice(0, -1).replaceAll('.', '\\.') : undefined
  return {
    name: type,
    title: type,
    contentType: 'application/cloudevents+json',
    payload: {
      allOf: [{ $ref: '#/components/schemas/CloudEvent' }],
      type: 'object',
      properties: {
        type: family ? { type: 'string', pattern: `^${family}` } : { const: type },
        ...(!family && { dataschema: { const: `${EVENT_SOURCE}/schemas/${type}.json` } }),
        data: { $ref: `#/components/schemas/${keyOf(type)}.data` },
      },
      required: ['type', 'data'],
    },
  }
}

/** Names of components take no star: `custom.*` stands there as `custom.any`. */
function keyOf(type: string): string {
  return type.replace('*', 'any')
}

const text = (description: string) => ({ type: 'string', description })

const ENVELOPE = {
  type: 'object',
  properties: {
    specversion: { const: '1.0' },
    id: text('evt_… (a UUIDv7 inside); the same for every copy of an event'),
    source: text('Who wrote it'),
    type: text('Type of the event'),
    subject: text('The document that wrote it, as orders/ord_…'),
    time: { type: 'string', format: 'date-time', description: 'When it happened' },
    dataschema: text('Names the schema of the data'),
    sequence: {
      type: 'integer',
      minimum: 0,
      description: 'Place in its (topic, subject); 0 where nothing counts',
    },
    partitionkey: text('Orders the events of one entity'),
    actor: text('Id of who did it, or system'),
    origin: text("Shortened address that the actor's request came from, where it is known"),
    data: {},
  },
  required: [
    'specversion',
    'id',
    'source',
    'type',
    'subject',
    'time',
    'sequence',
    'partitionkey',
    'actor',
    'data',
  ],
}

/** The schema as JSON, without what the validator keeps beside it. */
function plain(schema: object): object {
  return JSON.parse(JSON.stringify(schema)) as object
}
