import { describe } from 'node:test'
import { systemClock } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import { openMongoStorage } from '../../src/storage/mongo/mongo-storage.ts'
import { STOCK_BOUNDS } from '../../src/storage/mongo/stock-documents.ts'
import { whyNot } from '../servers/possible.ts'
import { SILENT } from '../support/log.ts'
import { testDatabase } from '../support/mongo.ts'
import { stockModelContract } from './stock-model.ts'
import type { OpenStorage } from './stock-operation.ts'
import { stockOperationsContract } from './stock-operations.ts'
import { stockReadingContract } from './stock-reading.ts'

/** The server of the tests takes a tenth of a second for a document with 2,000 reservations. */
const OPEN_RESERVATIONS = 60

const mongo: OpenStorage = async (t) => {
  const opened = openMongoStorage({
    url: await testDatabase(t),
    collections: [],
    clock: systemClock,
    node_id: newId('run'),
    logger: SILENT,
    stock_bounds: { ...STOCK_BOUNDS, open_reservations: OPEN_RESERVATIONS },
  })
  t.after(async () => (await opened).close())
  return opened
}

describe('on a MongoDB server', { skip: whyNot('mongodb') ?? false }, () => {
  stockOperationsContract('mongodb', mongo)
  stockReadingContract('mongodb', mongo, { max_open: OPEN_RESERVATIONS })
  stockModelContract('mongodb', mongo, { runs: 15 })
})
