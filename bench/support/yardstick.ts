import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inTurn, type Load, type LoadOptions, load, repeated } from './load.ts'
import { startCeiling, type Target, temporaryFolder } from './process.ts'

interface Effort {
  runs: number
  seconds: number
}

export interface Beside {
  got: Load
  /** What the bare Fastify did in the same turn. */
  bare: Load
}

/**
 * The shop and a bare Fastify that holds these bytes in memory, measured by turns, because the speed of a machine drifts.
 * Returns the turn whose ratio is the median, with that turn's latencies.
 */
export async function besideBare(
  text: string,
  { runs, ...shop }: LoadOptions & { runs: number },
): Promise<Beside> {
  const { url, stop } = await startBare('answer', text)
  const turns: Beside[] = []
  try {
    while (turns.length < runs) {
      const bare = await load({ ...shop, url, round: inTurn([{ path: '/' }]) })
      turns.push({ bare, got: await load(shop) })
    }
  } finally {
    await stop()
  }
  const ratio = ({ got, bare }: Beside) => got.per_second / bare.per_second
  return turns.sort((a, b) => ratio(a) - ratio(b))[Math.floor(runs / 2)]!
}

/** Bodies a second that a bare Fastify validates with this schema and throws away. */
export async function taking(schema: object, body: unknown, { runs, seconds }: Effort): Promise<number> {
  const { url, stop } = await startBare('take', JSON.stringify(schema))
  const { per_second } = await repeated(runs, {
    url,
    seconds,
    round: inTurn([{ method: 'POST', path: '/', body }]),
  })
  await stop()
  return per_second
}

function startBare(kind: 'answer' | 'take', text: string): Promise<Target> {
  const file = join(temporaryFolder(), 'content')
  writeFileSync(file, text)
  return startCeiling(kind, file)
}
