import { describe } from 'node:test'
import { whyNot } from '../servers/possible.ts'
import { openTestMongo } from '../support/mongo.ts'
import { storageContract } from './storage.ts'
import { NOTES } from './storage-fixtures.ts'

describe('on a MongoDB server', { skip: whyNot('mongodb') ?? false }, () => {
  storageContract('MongoDB', (t) => openTestMongo(t, [NOTES]))
})
