import { StartRefused } from '../../kernel/start-refused.ts'
import { type Connection, OPERATION } from './connection.ts'

/** Refuses a server that cannot keep what it confirms: one that is no replica set and no cluster of such. */
export async function checkServer({ db, hosts }: Connection): Promise<void> {
  const hello = await db.command({ hello: 1, ...OPERATION })
  if (hello.setName === undefined && hello.msg !== 'isdbgrid') {
    throw new StartRefused(
      `MongoDB at ${hosts} is a lone server without a replica set: it could not confirm writes by a majority or repeat them safely. Start it with --replSet and run rs.initiate() once; Atlas does that by itself.`,
    )
  }
}
