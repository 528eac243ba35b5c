import type { EventType } from '../kernel/event.ts'

/** The AsyncAPI 3.0 document of the streams: a channel per topic, a message per type of event. */
export function asyncApi({ version, events }: { version: string; events: readonly EventType[] }): object {
  const topics = [...new Set(events.map(({ topic }) => topic))]
  return {
    asyncapi: '3.0.0',
    info: { title: 'Tradewind', version },
    channels: Object.fromEntries(
      topics.map((topic) => [
        topic,
        {
          address: topic,
          messages: Object.fromEntries(
            events
              .filter((event) => event.topic === topic)
              .map(({ type }) => [type, { $ref: `#/components/messages/${type}` }]),
          ),
        },
      ]),
    ),
    components: {
      messages: Object.fromEntries(
        events.map(({ type, data }) => [type, { name: type, contentType: 'application/json', payload: data }]),
      ),
    },
  }
}
