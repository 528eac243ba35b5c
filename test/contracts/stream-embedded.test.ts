import { openTestLog } from '../support/log.ts'
import { streamContract } from './stream.ts'

streamContract('the embedded log', (t) => openTestLog(t))
