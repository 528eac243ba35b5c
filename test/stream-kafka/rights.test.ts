import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  AclOperations,
  AclPermissionTypes,
  Admin,
  ResourcePatternTypes,
  ResourceTypes,
} from '@platformatic/kafka'
import { systemClock as clock } from '../../src/kernel/clock.ts'
import { startConsumers } from '../../src/stream/consumers.ts'
import { makeTopics } from '../../src/stream/kafka/make-topics.ts'
import { API_KEY, API_SECRET, type KafkaServer, startKafkaServer } from '../servers/kafka.ts'
import { SUMS } from '../support/consumers.ts'
import { newPrefix, openTestKafkaLog, whyNotOwn } from '../support/kafka.ts'
import { outboxEntry, SILENT } from '../support/log.ts'
import { openTestStorage } from '../support/storage.ts'
import { until } from '../support/until.ts'

describe('a key without all rights', { skip: whyNotOwn() ?? false }, () => {
  let kafka: KafkaServer
  let admin: Admin
  before(async () => {
    kafka = await startKafkaServer({ tls: true, rights: true })
    admin = new Admin({ clientId: 'test', bootstrapBrokers: [kafka.bootstrap], retries: 3 })
  })
  after(async () => {
    await admin.close()
    await kafka.remove()
  })

  const address = () => ({
    brokers: [kafka.tls!.bootstrap],
    api_key: API_KEY,
    api_secret: API_SECRET,
    ca_file: kafka.tls!.ca_file,
  })
  const allow = (resourceType: keyof typeof ResourceTypes, prefix: string, operations: string[]) =>
    admin.createAcls({
      creations: operations.map((operation) => ({
        resourceType: ResourceTypes[resourceType],
        resourceName: prefix,
        resourcePatternType: ResourcePatternTypes.PREFIXED,
        principal: `User:${API_KEY}`,
        host: '*',
        operation: AclOperations[operation as keyof typeof AclOperations],
        permissionType: AclPermissionTypes.ALLOW,
      })),
    })

  it('is told which right is missing, one after the other, until the shop works', async (t) => {
    const topic_prefix = newPrefix()
    const mine = { ...address(), topic_prefix }
    await assert.rejects(makeTopics(mine), /no right to .*CREATE/)
    await makeTopics({ brokers: [kafka.bootstrap], topic_prefix })
    await allow('TOPIC', topic_prefix, ['DESCRIBE', 'CREATE'])
    await assert.rejects(
      makeTopics(mine),
      /no right to the topic \S*ecommerce-user-events; .*DESCRIBE_CONFIGS/,
    )
    await allow('TOPIC', topic_prefix, ['DESCRIBE_CONFIGS'])

    const { log } = await openTestKafkaLog(t, mine)
    const entry = outboxEntry(1, { key: 'k' })
    await assert.rejects(log.appendOutbox([entry]), /no right to the cluster; give it WRITE on the topics/)
    await allow('TOPIC', topic_prefix, ['WRITE', 'READ'])
    await log.appendOutbox([entry])

    const { storage } = await openTestStorage(t, [])
    const { rollUps } = storage
    const consumers = await startConsumers({ log, rollUps, reactions: [SUMS], clock, logger: SILENT })
    t.after(() => consumers.stop())
    const groups = /no right to the consumer groups; give it READ on the groups/
    await until(async () => groups.test((await consumers.health()).last_error ?? ''))
    await until(() =>
      consumers.check().then(
        () => false,
        (error: Error) => groups.test(error.message),
      ),
    )
    await allow('GROUP', `${topic_prefix}tradewind`, ['READ'])
    await consumers.caughtUp()
    await consumers.check()
  })
})
