import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type Clock, systemClock } from '../../src/kernel/clock.ts'
import type { SqliteStorageOptions } from '../../src/storage/sqlite/sqlite-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { forgetPair, openPairStorage } from './pair.ts'

/** A folder that goes when the test ends. */
export function temporaryDirectory(t: Pick<TestContext, 'after'>): string {
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

export interface TestStorage {
  storage: Storage
  directory: string
  /** Closes the storage and opens its folder again. */
  reopen(): Promise<Storage>
}

/** The storage of the tests' pair of engines, on a temporary folder or what stands for it, closed when the test ends. */
export async function openTestStorage(
  t: Pick<TestContext, 'after'>,
  collections: SqliteStorageOptions['collections'],
  clock: Clock = systemClock,
): Promise<TestStorage> {
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-'))
  const options = { directory, collections, clock }
  const opened: TestStorage = {
    storage: await openPairStorage(options),
    directory,
    async reopen() {
      await opened.storage.close()
      opened.storage = await openPairStorage(options)
      return opened.storage
    },
  }
  t.after(async () => {
    await opened.storage.close()
    await forgetPair(directory)
    rmSync(directory, { recursive: true, force: true })
  })
  return opened
}
