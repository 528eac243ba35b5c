import { describe } from 'node:test'
import { systemClock } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import { openMongoStorage } from '../../src/storage/mongo/mongo-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { whyNot } from '../servers/possible.ts'
import { SILENT } from '../support/log.ts'
import { openTestMongo, testDatabase } from '../support/mongo.ts'
import { storageContract } from './storage.ts'
import { NOTES } from './storage-fixtures.ts'
import { versionContract } from './storage-versions.ts'

describe('on a MongoDB server', { skip: whyNot('mongodb') ?? false }, () => {
  storageContract('MongoDB', (t) => openTestMongo(t, [NOTES]))

  versionContract('MongoDB', async (t) => {
    let open: Storage | undefined
    t.after(() => open?.close())
    const url = await testDatabase(t)
    return async (definition) => {
      await open?.close()
      const rest = { clock: systemClock, node_id: newId('run'), logger: SILENT }
      // As bootstrap.sh does for a new version; going back needs none.
      const prepare = definition !== (NOTES as unknown)
      open = await openMongoStorage({ url, collections: [definition], ...rest, prepare })
      return open
    }
  })
})
