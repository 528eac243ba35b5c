import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { it, type TestContext } from 'node:test'
import { NOTES } from '../../../test/contracts/storage-fixtures.ts'
import { openTestStorage, temporaryDirectory } from '../../../test/support/storage.ts'
import { until } from '../../../test/support/until.ts'
import { systemClock } from '../../kernel/clock.ts'
import { lockDataDirectory } from './data-directory.ts'
import { openSqliteStorage } from './sqlite-storage.ts'

const KILLS = 3
const FIXTURE = new URL('../../../test/support/storage-process.ts', import.meta.url).pathname

/** A process that takes the folder and writes to it until it is killed; `lines` is what it said. */
function startProcess(t: TestContext, directory: string): { child: ChildProcess; lines: string[] } {
  const child = spawn(process.execPath, [FIXTURE, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const lines: string[] = []
  createInterface(child.stdout!).on('line', (line) => lines.push(line))
  return { child, lines }
}

it('a second server on one folder is told so, and may have it when the first has died', async (t) => {
  const directory = temporaryDirectory(t)
  const { child, lines } = startProcess(t, directory)
  await until(() => lines.length > 0)
  assert.throws(
    () => lockDataDirectory(directory),
    (error: Error) => error.message.includes(directory) && error.message.startsWith('Another server uses'),
  )
  child.kill('SIGKILL')
  await once(child, 'exit')
  const lock = lockDataDirectory(directory)
  assert.throws(() => lockDataDirectory(directory), /Another server uses/)
  lock.release()
  lockDataDirectory(directory).release()
})

it('a server that is killed while it writes has kept every write that it acknowledged, with its event', async (t) => {
  const { directory, storage } = await openTestStorage(t, [NOTES])
  await storage.close()
  for (let kill = 1; kill <= KILLS; kill++) {
    const { child, lines } = startProcess(t, directory)
    await until(() => lines.length > 300 * kill)
    child.kill('SIGKILL')
    await once(child, 'close')
    const again = await openSqliteStorage({ directory, collections: [NOTES], clock: systemClock })
    const told = new Map<string, number>()
    const entries = await again.outbox.read(0, 1_000_000)
    for (const { event } of entries) {
      assert.equal(event.sequence, (told.get(event.subject) ?? 0) + 1)
      told.set(event.subject, event.sequence)
    }
    for (const line of lines) {
      const [id, version] = line.split(' ') as [string, string]
      const found = await again.collection(NOTES).get(id)
      assert.ok(found && found.version >= Number(version), `${line} was acknowledged and is lost`)
      assert.equal(told.get(`notes/${id}`), found.version)
    }
    await again.outbox.acknowledge(entries.at(-1)!.position)
    await again.close()
  }
})
