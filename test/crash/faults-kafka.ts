/** A fault planted into what kcat read of a shop at rest. */
export interface KafkaFault {
  name: string
  reported: RegExp
  /** Given the canary's name: what must be in no event. */
  plant(lines: readonly string[], canary: string): string[]
}

interface Record {
  topic: string
  partition: number
  offset: number
  headers: string[]
  payload: string
}

const parsed = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as Record)
const printed = (records: readonly Record[]) => records.map((record) => JSON.stringify(record))
const attribute = ({ headers }: Record, name: string) => headers[headers.indexOf(`ce_${name}`) + 1]!
const ofOrders = ({ topic }: Record) => topic === 'ecommerce-orders'
const isClick = ({ topic }: Record) => topic === 'ecommerce-clickstream'

/** Two events of one subject that follow each other, and of which the log has no copies. */
function pairOf(records: readonly Record[]): [first: Record, second: Record] {
  const stock = records.filter((record) => attribute(record, 'subject').startsWith('stock/'))
  for (const events of Map.groupBy(stock, (record) => attribute(record, 'subject')).values()) {
    const bySequence = Map.groupBy(events, (record) => Number(attribute(record, 'sequence')))
    for (const [sequence, [first, ...copies]] of bySequence) {
      const [second, ...others] = bySequence.get(sequence + 1) ?? []
      if (second && copies.length + others.length === 0) return [first!, second]
    }
  }
  throw new Error('the campaign was too short: no two events without copies follow each other')
}

/** Takes records out and closes the gap, as if they had never been written. */
function without(records: readonly Record[], gone: (record: Record) => boolean): Record[] {
  const next = new Map<string, number>()
  const inOrder = [...records].sort((a, b) => a.offset - b.offset)
  return inOrder
    .filter((record) => !gone(record))
    .map((record) => {
      const place = `${record.topic}/${record.partition}`
      const offset = next.get(place) ?? 0
      next.set(place, offset + 1)
      return { ...record, offset }
    })
}

/** A record behind all others of its partition. */
function behind(records: readonly Record[], record: Record): Record[] {
  const place = records.filter(
    ({ topic, partition }) => topic === record.topic && partition === record.partition,
  )
  return [...records, { ...record, offset: Math.max(-1, ...place.map(({ offset }) => offset)) + 1 }]
}

function withAttribute(record: Record, name: string, value: string): Record {
  const at = record.headers.indexOf(`ce_${name}`) + 1
  return { ...record, headers: record.headers.with(at, value) }
}

const planted =
  (change: (records: Record[], canary: string) => Record[]): KafkaFault['plant'] =>
  (lines, canary) =>
    printed(change(parsed(lines), canary))

export const KAFKA_FAULTS: KafkaFault[] = [
  {
    name: 'an event dropped',
    reported: /^I16\/I17: .* has event \d+ where \d+ belongs/,
    plant: planted((records) => {
      const [first] = pairOf(records)
      return without(records, (record) => record === first)
    }),
  },
  {
    name: 'the last event of an order dropped',
    reported: /^I17: ecommerce-orders .* told/,
    plant: planted((records) => {
      const last = records.findLast(ofOrders)!
      const [subject, sequence] = [attribute(last, 'subject'), attribute(last, 'sequence')]
      return without(
        records,
        (record) => attribute(record, 'subject') === subject && attribute(record, 'sequence') === sequence,
      )
    }),
  },
  {
    name: 'two events swapped',
    reported: /^I16\/I17: .* has event \d+ where \d+ belongs/,
    plant: planted((records) => {
      const [first, second] = pairOf(records)
      return records.map((record) => {
        if (record === first) return { ...second, offset: first.offset }
        return record === second ? { ...first, offset: second.offset } : record
      })
    }),
  },
  {
    name: 'a copy that nobody announced',
    reported: /^I19: .*stock\/.* times too often/,
    plant: planted((records) => {
      const [first] = pairOf(records)
      // More often than any campaign of a test sends an event again.
      return Array.from({ length: 9 }).reduce<Record[]>((more) => behind(more, first), records)
    }),
  },
  {
    name: 'a copy that differs',
    reported: /^I17: the copies of .* differ/,
    plant: planted((records) => {
      const [first] = pairOf(records)
      return behind(records, withAttribute(first, 'actor', 'somebody else'))
    }),
  },
  {
    name: 'a copy in another partition',
    reported: /^I16: .* lies in partitions/,
    plant: planted((records) => {
      const [first] = pairOf(records)
      return behind(records, { ...first, partition: (first.partition + 1) % 12 })
    }),
  },
  {
    name: 'an event of an order that does not exist',
    reported: /^I18: the log tells of .* orders\/ord_nobody, which does not exist/,
    plant: planted((records) =>
      behind(records, withAttribute(pairOf(records)[0], 'subject', 'orders/ord_nobody')),
    ),
  },
  {
    name: 'an acknowledged clickstream event dropped',
    reported: /^I17: the acknowledged clickstream event .* is not in the log/,
    plant: planted((records) => {
      const partition = records.find(isClick)!.partition
      return records.filter((record) => !isClick(record) || record.partition !== partition)
    }),
  },
  {
    name: 'clickstream that nobody sent',
    reported: /^I18: the clickstream event made-up was sent by nobody/,
    plant: planted((records) => {
      const click = records.find(isClick)!
      const payload = JSON.stringify({ ...JSON.parse(click.payload), event_id: 'made-up' })
      return behind(records, { ...click, payload })
    }),
  },
  {
    name: 'an event that the figures of staff have not counted',
    reported: /^I20: the stats say 0 events of custom\.more, the log 1/,
    plant: planted((records) => {
      const click = records.find(isClick)!
      const payload = JSON.stringify({ ...JSON.parse(click.payload), event_id: 'more' })
      return behind(records, withAttribute({ ...click, payload }, 'type', 'custom.more'))
    }),
  },
  {
    name: 'the name of a customer in an event',
    reported: /^I30: the planted name occurs in event/,
    plant: planted((records, canary) => {
      const [first] = pairOf(records)
      const payload = JSON.stringify({ ...JSON.parse(first.payload), name: canary })
      return records.map((record) => (record === first ? { ...first, payload } : record))
    }),
  },
]
