import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchCall } from './client.ts'
import { inTurn, repeated } from './load.ts'
import { startCeiling, temporaryFolder } from './process.ts'

interface Effort {
  runs: number
  seconds: number
}

/** Answers a second of a bare Fastify that holds these bytes in memory: what the machine could do at all. */
export function answering(text: string, effort: Effort): Promise<number> {
  return measured('answer', text, { ...effort, call: { path: '/' } })
}

/** Bodies a second that a bare Fastify validates with this schema and throws away. */
export function taking(schema: object, body: unknown, effort: Effort): Promise<number> {
  return measured('take', JSON.stringify(schema), { ...effort, call: { method: 'POST', path: '/', body } })
}

async function measured(
  kind: 'answer' | 'take',
  text: string,
  { call, runs, seconds }: Effort & { call: BenchCall },
): Promise<number> {
  const file = join(temporaryFolder(), 'content')
  writeFileSync(file, text)
  const bare = await startCeiling(kind, file)
  const { per_second } = await repeated(runs, { url: bare.url, seconds, round: inTurn([call]) })
  await bare.stop()
  return per_second
}
