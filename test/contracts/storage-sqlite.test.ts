import { systemClock } from '../../src/kernel/clock.ts'
import { openSqliteStorage } from '../../src/storage/sqlite/sqlite-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { openTestStorage, temporaryDirectory } from '../support/storage.ts'
import { storageContract } from './storage.ts'
import { NOTES } from './storage-fixtures.ts'
import { versionContract } from './storage-versions.ts'

storageContract('SQLite', (t) => openTestStorage(t, [NOTES]))

versionContract('SQLite', async (t) => {
  let open: Storage | undefined
  t.after(() => open?.close())
  const directory = temporaryDirectory(t)
  return async (definition) => {
    await open?.close()
    open = await openSqliteStorage({ directory, collections: [definition], clock: systemClock })
    return open
  }
})
