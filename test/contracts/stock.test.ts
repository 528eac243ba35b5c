import { MAX_OPEN_RESERVATIONS } from '../../src/storage/stock.ts'
import { openTestStorage } from '../support/storage.ts'
import { stockModelContract } from './stock-model.ts'
import type { OpenStorage } from './stock-operation.ts'
import { stockOperationsContract } from './stock-operations.ts'
import { stockReadingContract } from './stock-reading.ts'

const sqlite: OpenStorage = async (t) => (await openTestStorage(t, [])).storage

stockOperationsContract('sqlite', sqlite)
stockReadingContract('sqlite', sqlite, { max_open: MAX_OPEN_RESERVATIONS })
stockModelContract('sqlite', sqlite, { runs: 60 })
