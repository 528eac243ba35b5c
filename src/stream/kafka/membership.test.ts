import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { it } from 'node:test'
import { whyNot } from '../../../test/servers/possible.ts'
import { kafkaBrokers, openTestKafkaLog } from '../../../test/support/kafka.ts'
import { topicNames } from './topics.ts'

const PROGRAM = new URL('../../../test/support/membership-process.ts', import.meta.url).pathname
const skip = whyNot('kafka')

it('a member that leaves while it still joins leaves nothing that keeps the process', { skip }, async (t) => {
  const { topic_prefix } = await openTestKafkaLog(t)
  const [broker] = await kafkaBrokers()
  const topic = topicNames(topic_prefix).nameOf('ecommerce-orders')
  const child = spawn(process.execPath, [PROGRAM, broker!, `${topic_prefix}joins`, topic], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text))
  assert.deepEqual(await once(child, 'exit'), [0, null])
  assert.equal(said.trim(), 'left')
})
