import { openTestMongo } from '../support/mongo.ts'
import { storageContract } from './storage.ts'
import { NOTES } from './storage-fixtures.ts'

storageContract('MongoDB', (t) => openTestMongo(t, [NOTES]))
