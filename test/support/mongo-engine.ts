import type { TestContext } from 'node:test'
import { systemClock } from '../../src/kernel/clock.ts'
import { connect } from '../../src/storage/mongo/connection.ts'
import type { MongoEngine } from '../../src/storage/mongo/engine.ts'
import { createRunner } from '../../src/storage/mongo/runner.ts'

/** What a part of the engine needs, by a connection of its own to this database; nobody moves its events. */
export async function openTestEngine(
  t: Pick<TestContext, 'after'>,
  url: string,
  listed = 'listed',
): Promise<MongoEngine> {
  const { db, close } = await connect({ url })
  t.after(close)
  return { db, clock: systemClock, listed, run: createRunner().run, told: () => {} }
}
