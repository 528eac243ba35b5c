import { whyNot } from '../servers/possible.ts'
import { openTestKafkaLog } from '../support/kafka.ts'
import { streamContract } from './stream.ts'

streamContract('Kafka', (t) => openTestKafkaLog(t), whyNot('kafka'))
