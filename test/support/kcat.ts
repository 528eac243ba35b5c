import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const MAX_OUTPUT_BYTES = 512 * 1024 * 1024

export interface KcatRecord {
  topic: string
  partition: number
  /** Milliseconds. */
  ts: number
  offset: number
  key: string
  payload: string
  headers: Record<string, string>
}

/** Everything in a topic, read by a program that shares no code with the shop. */
export async function kcatRead(brokers: string, topic: string): Promise<KcatRecord[]> {
  const options = ['-C', '-b', brokers, '-t', topic, '-o', 'beginning', '-e', '-q', '-J']
  const { stdout } = await run('kcat', [...options, '-X', 'isolation.level=read_uncommitted'], {
    maxBuffer: MAX_OUTPUT_BYTES,
  })
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const { headers = [], ...record } = JSON.parse(line) as KcatRecord & { headers?: string[] }
      return { ...record, headers: Object.fromEntries(pairs(headers)) }
    })
}

/** Writes records as Java's client would place them. */
export async function kcatWrite(
  brokers: string,
  topic: string,
  records: readonly { key: string; value: string }[],
): Promise<void> {
  const options = ['-P', '-b', brokers, '-t', topic, '-K', '\t', '-X', 'partitioner=murmur2_random']
  const writing = run('kcat', options)
  writing.child.stdin!.end(records.map(({ key, value }) => `${key}\t${value}\n`).join(''))
  await writing
}

function pairs(list: readonly string[]): [string, string][] {
  return list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1]!]] : []))
}
