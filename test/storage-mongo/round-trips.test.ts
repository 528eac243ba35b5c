import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Storage } from '../../src/storage/storage.ts'
import { NOTES, note, told } from '../contracts/storage-fixtures.ts'
import { whyNot } from '../servers/possible.ts'
import { commandCounter } from '../support/round-trips.ts'
import { until } from '../support/until.ts'
import { nodesOfOwnServer } from './faults.ts'

const skip = whyNot('mongodb') ?? false

/** What a commit's events cost on their way out of the database: two stages of four and three commands. */
const COMMANDS_OF_A_MOVE = 7
const COMMITS = 100
/** Commits come while others are moved, so that they go in a few portions. */
const PORTIONS = 20

describe('round trips to MongoDB', { skip }, () => {
  it('are one for each operation on documents', async (t) => {
    const { onCommand, count } = commandCounter()
    const { open } = await nodesOfOwnServer(t)
    const notes = (await open({ onCommand })).collection(NOTES)
    const counts: Record<string, string[]> = {}
    const measure = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
      const { result, commands } = await count(work)
      counts[name] = commands
      return result
    }
    const draft = note({ idem: { key: 'k' }, due: '2026' })
    const first = await measure('insert', () => notes.insert(draft, [told(draft.id, 'made')]))
    await measure('replace', () => notes.replace(first, [told(draft.id, 'changed')]))
    await measure('insertMany', () => notes.insertMany(Array.from({ length: 200 }, () => note())))
    await measure('get', () => notes.get(draft.id))
    await measure('getMany', () => notes.getMany([draft.id, 'op_1']))
    await measure('getBy', () => notes.getBy('by_key', ['usr_1', 'k']))
    await measure('list', () => notes.list({ index: 'by_owner', equal: ['usr_1'], limit: 150 }))
    await measure('count', () => notes.count({ index: 'by_owner', equal: ['usr_1'] }))
    const quiet = await notes.insert(note())
    await measure('remove', () => notes.remove(quiet.id, 1))
    assert.deepEqual(counts, {
      insert: ['insert notes'],
      replace: ['update notes'],
      insertMany: ['insert notes'],
      get: ['find notes'],
      getMany: ['find notes'],
      getBy: ['find notes'],
      list: ['find notes'],
      count: ['aggregate notes'],
      remove: ['delete notes'],
    })
  })

  it('are few for the events of a commit, and shared by those that come together', async (t) => {
    let commands: string[] = []
    const { open } = await nodesOfOwnServer(t)
    const storage = await open({
      onCommand: (name, collection) => {
        if (collection !== 'outbox_leases') commands.push(`${name} ${collection}`)
      },
    })
    await settled(storage)
    commands = []
    await commit(storage)
    await settled(storage)
    const one = commands.length - 1
    assert.ok(one <= 2 * COMMANDS_OF_A_MOVE, `${one} commands for one commit: ${commands.join(', ')}`)

    commands = []
    await Promise.all(Array.from({ length: COMMITS }, () => commit(storage)))
    await settled(storage)
    const many = commands.length - COMMITS
    assert.ok(many <= PORTIONS * COMMANDS_OF_A_MOVE, `${many} commands for ${COMMITS} commits`)
    t.diagnostic(`beside the commits: ${one} commands for one, ${many} for ${COMMITS} at once`)
  })
})

async function commit(storage: Storage): Promise<void> {
  const draft = note()
  await storage.collection(NOTES).insert(draft, [told(draft.id, 'made')])
}

/** Hands over what there is as a relay does: woken by commits, and not before. */
async function settled(storage: Storage): Promise<void> {
  await until(async () => {
    const entries = await storage.outbox.read(0, 1_000)
    if (entries.length > 0) await storage.outbox.acknowledge(entries.at(-1)!.position)
    return (await storage.outbox.pending()).count === 0
  })
}
