import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { partitionOf } from '../../src/kernel/partition.ts'
import { whyNot } from '../servers/possible.ts'
import { kafkaBrokers, openTestKafkaLog } from '../support/kafka.ts'
import { kcatRead, kcatWrite } from '../support/kcat.ts'
import { click, everything, outboxEntry, testEvent } from '../support/log.ts'

const KEYS = 300

describe('records in Kafka, as other programs see them', { skip: whyNot('kafka') ?? false }, () => {
  it('carry the attributes of CloudEvents as headers and the data alone as value', async (t) => {
    const { log, topic_prefix } = await openTestKafkaLog(t)
    const [brokers] = await kafkaBrokers()
    const entry = outboxEntry(1, {
      key: 'ord_ü"1',
      sequence: 7,
      data: { text: 'Größe ,"data":{"a":1},"sequence":9}', deep: { sequence: 1 } },
    })
    const visit = click('v1', 'one', undefined, { url: '/?q=,"sequence":5}' })
    const letter = testEvent({ key: 'x', type: 'consumer_rejected', data: { original: '{"data":{' } })
    const began = Date.now()
    await log.appendOutbox([entry])
    await log.appendClickstream([visit])
    await log.appendDeadLetters([letter])
    const sent: [topic: string, event: object][] = [
      ['ecommerce-orders', entry.event],
      ['ecommerce-clickstream', JSON.parse(visit.json) as object],
      ['ecommerce-dead-letters', letter],
    ]
    for (const [topic, event] of sent) {
      const [record, ...others] = await kcatRead(brokers!, `${topic_prefix}${topic}`)
      assert.equal(others.length, 0)
      const { data, ...attributes } = event as typeof entry.event
      const expected = Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [`ce_${name}`, String(value)]),
      )
      assert.deepEqual(record!.headers, { ...expected, 'content-type': 'application/json' })
      assert.deepEqual(JSON.parse(record!.payload), data)
      assert.equal(record!.key, attributes.partitionkey)
      // The time of sending, not the event's: an old one would defeat the broker's idempotence.
      assert.ok(record!.ts >= began && record!.ts <= Date.now())
    }
    const [read] = await everything(log, ['ecommerce-orders'])
    assert.equal(JSON.stringify(read!.event), JSON.stringify(inOrder(entry.event)))
  })

  it('lie on the partition that the Java client and kcat would choose', async (t) => {
    const { log, topic_prefix } = await openTestKafkaLog(t)
    const [brokers] = await kafkaBrokers()
    const keys = Array.from({ length: KEYS }, (_, n) => `${n % 3 === 0 ? 'ord_é' : 'prd_'}${n * 7919}`)
    const topic = `${topic_prefix}ecommerce-orders`
    const theirs = `${topic_prefix}ecommerce-inventory`
    await log.appendOutbox(keys.map((key, n) => outboxEntry(n + 1, { key })))
    await kcatWrite(
      brokers!,
      theirs,
      keys.map((key) => ({ key, value: '{}' })),
    )
    const placesIn = async (name: string) =>
      new Map((await kcatRead(brokers!, name)).map(({ key, partition }) => [key, partition]))
    const ours = await placesIn(topic)
    assert.equal(ours.size, KEYS)
    assert.deepEqual(ours, await placesIn(theirs))
    for (const [key, partition] of ours) assert.equal(partition, partitionOf(key))
  })

  it('of other writers do not stop a reader: their value stands for the text', async (t) => {
    const { log, topic_prefix } = await openTestKafkaLog(t)
    const [brokers] = await kafkaBrokers()
    await kcatWrite(brokers!, `${topic_prefix}ecommerce-orders`, [{ key: 'k', value: 'not an event' }])
    await log.appendOutbox([outboxEntry(1, { key: 'k' })])
    const records = await log.read('ecommerce-orders', partitionOf('k'), 0, 10)
    assert.deepEqual(
      records.map(({ json }) => json.startsWith('{"specversion"')),
      [false, true],
    )
    assert.equal(records[0]!.json, 'not an event')
  })
})

/** The attributes in the order of the port's CloudEvent, the data last. */
function inOrder({ data, sequence, partitionkey, actor, ...rest }: ReturnType<typeof testEvent>) {
  return { ...rest, sequence, partitionkey, actor, data }
}
