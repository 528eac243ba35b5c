import { openTestStorage } from '../support/storage.ts'
import { storageContract } from './storage.ts'
import { NOTES } from './storage-fixtures.ts'

storageContract('SQLite', (t) => openTestStorage(t, [NOTES]))
