import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { isRefusal } from '../../src/kernel/errors.ts'
import type { Collection, CollectionDefinition, Position, Storage } from '../../src/storage/storage.ts'
import { NOTES, type Note, note } from './storage-fixtures.ts'

/** A note as the next version of a program has it: with a field more, which earlier ones lack. */
interface GradedNote extends Note {
  grade?: string
}

/** It also wants to list by what was there before. */
const NEXT: CollectionDefinition<GradedNote> = {
  name: 'notes',
  indexes: {
    ...NOTES.indexes,
    by_grade: { fields: ['grade'] },
    by_state: { fields: ['state', 'rank'] },
    by_tag_state: { fields: ['tags', 'state'], multi: true },
  },
}

/** What a grade is where none was written. */
const UNGRADED = 'none'

/** Opens one storage, which is empty at first, as the program that knows this definition does; closes what was opened before. */
export type OpenAs = <T extends Note>(definition: CollectionDefinition<T>) => Promise<Storage>

/** An expanding change, gone forward and back: what each version wrote is read by the other and lost by neither. */
export function versionContract(name: string, prepare: (t: TestContext) => Promise<OpenAs>): void {
  describe(`two versions of a program on ${name}`, () => {
    it('read each other, one after the other', async (t) => {
      const openAs = await prepare(t)
      const before = (await openAs(NOTES)).collection(NOTES)
      const first = await before.insert(note({ tags: ['a'] }))
      const second = await before.insert(note({ tags: ['a'] }))

      const after = (await openAs(NEXT)).collection(NEXT)
      assert.deepEqual(await after.get(first.id), first)
      assert.deepEqual(await idsOf(after, 'by_state', 'new'), new Set([first.id, second.id]))
      const graded = await after.replace({ ...(await after.get(first.id))!, grade: 'gold' })
      const third = await after.insert({ ...note({ tags: ['a'] }), grade: 'lead' })

      const back = (await openAs(NOTES)).collection(NOTES)
      assert.deepEqual(await back.get(third.id), third)
      const changed = await back.replace({ ...(await back.get(first.id))!, state: 'changed' })
      await back.replace({ ...(await back.get(second.id))!, state: 'changed' })
      const fourth = await back.insert(note({ tags: ['a'] }))
      assert.deepEqual(changed, { ...graded, state: 'changed', version: graded.version + 1 })

      const again = (await openAs(NEXT)).collection(NEXT)
      assert.deepEqual(await again.get(first.id), changed)
      for (const [index, leading] of [['by_state'], ['by_tag_state', 'a']] as const) {
        const values = leading === undefined ? [] : [leading]
        assert.deepEqual(
          await idsOf(again, index, ...values, 'changed'),
          new Set([first.id, second.id]),
          index,
        )
        assert.deepEqual(await idsOf(again, index, ...values, 'new'), new Set([third.id, fourth.id]), index)
      }
      assert.deepEqual(await idsOf(again, 'by_grade', 'gold'), new Set([first.id]))
    })

    it('fill in what the earlier one left out, broken off and beside it, and overwrite nobody', async (t) => {
      const openAs = await prepare(t)
      const notes = (await openAs(NEXT)).collection(NEXT)
      const ids: string[] = []
      for (let rank = 0; rank < 7; rank++) ids.push((await notes.insert(note({ rank }))).id)
      await notes.replace({ ...(await notes.get(ids[3]!))!, grade: 'gold' })
      assert.equal(await backfill(notes, { most: 2 }), 2)

      const back = (await openAs(NOTES)).collection(NOTES)
      ids.push((await back.insert(note({ rank: 7 }))).id)

      const again = (await openAs(NEXT)).collection(NEXT)
      const late = ids[5]!
      const meanwhile = async ({ id, ...rest }: GradedNote) => {
        if (id === late) await again.replace({ ...rest, id, text: 'changed meanwhile' })
      }
      await backfill(again, { meanwhile })
      assert.equal((await again.get(late))!.text, 'changed meanwhile')
      while ((await backfill(again, {})) > 0);
      const grades = (await again.getMany(ids)).map(({ grade }) => grade)
      assert.deepEqual(
        grades,
        ids.map((_, rank) => (rank === 3 ? 'gold' : UNGRADED)),
      )
    })
  })
}

/**
 * Writes the field into what lacks it, each document alone and only as it was read: whoever changes it meanwhile wins, and it
 * comes with the next pass. Says how many were written.
 */
async function backfill(
  notes: Collection<GradedNote>,
  { most = Infinity, meanwhile }: { most?: number; meanwhile?: (note: GradedNote) => Promise<void> },
): Promise<number> {
  let written = 0
  let after: Position | null = null
  do {
    const query = { index: 'by_owner', equal: ['usr_1'], limit: 3, ...(after && { after }) }
    const page: Awaited<ReturnType<typeof notes.list>> = await notes.list(query)
    for (const found of page.items) {
      if (found.grade !== undefined || written >= most) continue
      await meanwhile?.(found)
      try {
        await notes.replace({ ...found, grade: UNGRADED })
        written += 1
      } catch (error) {
        if (!isRefusal(error, 'version_moved')) throw error
      }
    }
    after = page.next
  } while (after)
  return written
}

async function idsOf(
  notes: Collection<GradedNote>,
  index: string,
  ...equal: readonly string[]
): Promise<Set<string>> {
  const { items } = await notes.list({ index, equal, limit: 100 })
  return new Set(items.map(({ id }) => id))
}
