import { parentPort, workerData } from 'node:worker_threads'
import type { KafkaAccess } from './connection.ts'
import { producing } from './producing.ts'
import type { FromSender, ProducerName, ToSender } from './sends.ts'

/**
 * The sending thread: encoding and compressing a thousand events takes tens of milliseconds, which requests would have
 * to wait for on the main thread.
 */
const port = parentPort!
const say = (message: FromSender) => port.postMessage(message)
const access = workerData as KafkaAccess
const producers: Record<ProducerName, ReturnType<typeof producing>> = {
  relay: producing(access, 'relay'),
  door: producing(access, 'door'),
}

port.on('message', async (message: ToSender) => {
  if (message.kind === 'send') {
    const { producer } = message
    say({ kind: 'sent', producer, result: await producers[producer].send(message) })
  } else if (message.kind === 'give-up') producers[message.producer].giveUp()
  else {
    await Promise.all([producers.relay.close(), producers.door.close()])
    say({ kind: 'closed' })
  }
})
