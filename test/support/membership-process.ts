import { setTimeout as sleep } from 'node:timers/promises'
import { membership } from '../../src/stream/kafka/membership.ts'

/**
 * A process that joins groups and leaves them again, in all phases of the joining, and then has nothing left to do.
 * Arguments: the broker, what the groups' names begin with, and the topic.
 */
const [broker, group, topic] = process.argv.slice(2) as [string, string, string]
const GROUPS = 8
const WAITS_MS = Array.from({ length: 80 }, (_, n) => (n * 4) % 200)

for (const wait of WAITS_MS) {
  const members = Array.from({ length: GROUPS }, (_, n) =>
    membership({
      access: { brokers: [broker], node_id: 'test' },
      group: `${group}${n}`,
      names: [topic],
      onChange: () => {},
      onError: () => {},
    }),
  )
  await sleep(wait)
  await Promise.all(members.map((member) => member.stop()))
}
console.log('left')
