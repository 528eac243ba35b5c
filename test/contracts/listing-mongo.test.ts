import { describe } from 'node:test'
import { whyNot } from '../servers/possible.ts'
import { openTestMongo } from '../support/mongo.ts'
import { listingContract } from './listing.ts'

describe('on a MongoDB server', { skip: whyNot('mongodb') ?? false }, () => {
  listingContract('MongoDB', (t, collections) => openTestMongo(t, collections))
})
