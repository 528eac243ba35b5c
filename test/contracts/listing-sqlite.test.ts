import { openTestStorage } from '../support/storage.ts'
import { listingContract } from './listing.ts'

listingContract('SQLite', (t, collections) => openTestStorage(t, collections))
