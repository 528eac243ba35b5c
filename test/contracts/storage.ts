import { describe } from 'node:test'
import { closingContract } from './storage-closing.ts'
import { documentContract } from './storage-documents.ts'
import type { OpenStorage } from './storage-fixtures.ts'
import { indexContract } from './storage-indexes.ts'
import { listContract } from './storage-lists.ts'
import { outboxContract } from './storage-outbox.ts'
import { pagingContract } from './storage-paging.ts'
import { raceContract } from './storage-races.ts'
import { rollUpContract } from './storage-roll-ups.ts'

/** What every engine of the storage port must do; `open` gives an empty storage that ends with the test. */
export function storageContract(name: string, open: OpenStorage): void {
  describe(`the storage on ${name}`, () => {
    documentContract(open)
    indexContract(open)
    listContract(open)
    pagingContract(open)
    outboxContract(open)
    rollUpContract(open)
    raceContract(open)
    closingContract(open)
  })
}
