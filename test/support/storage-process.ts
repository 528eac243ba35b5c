import { writeSync } from 'node:fs'
import { systemClock } from '../../src/kernel/clock.ts'
import { lockDataDirectory } from '../../src/storage/sqlite/data-directory.ts'
import { openSqliteStorage } from '../../src/storage/sqlite/sqlite-storage.ts'
import { NOTES, note, told } from '../contracts/storage-fixtures.ts'

const WRITERS = 32

// Takes a folder, then writes notes for ever; a line with id and version for each acknowledged write.
const directory = process.argv[2]!
lockDataDirectory(directory)
const storage = await openSqliteStorage({ directory, collections: [NOTES], clock: systemClock })
const notes = storage.collection(NOTES)

async function writeForEver(): Promise<never> {
  for (;;) {
    const draft = note()
    let current = await notes.insert(draft, [told(draft.id, 'made')])
    writeSync(1, `${current.id} ${current.version}\n`)
    current = await notes.replace({ ...current, state: 'changed' }, [told(draft.id, 'changed')])
    writeSync(1, `${current.id} ${current.version}\n`)
  }
}

await Promise.all(Array.from({ length: WRITERS }, writeForEver))
