import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { MongoClient } from 'mongodb'
import { sharedMongoUrl } from '../servers/mongodb.ts'

/** URL of a database of its own on the shared server; it is dropped when the test ends. */
export async function testDatabase(t: Pick<TestContext, 'after'>): Promise<string> {
  const url = databaseUrl(await sharedMongoUrl())
  t.after(() => dropDatabase(url))
  return url
}

/** The URL of a server with a fresh database's name. */
export function databaseUrl(server: string, name = `test_${randomBytes(8).toString('hex')}`): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

async function dropDatabase(url: string): Promise<void> {
  const client = new MongoClient(url)
  try {
    await client.db().dropDatabase()
  } finally {
    await client.close()
  }
}
