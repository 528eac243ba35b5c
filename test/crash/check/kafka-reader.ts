import { spawn } from 'node:child_process'
import { type EventFact, type LogReader, TOPICS } from './facts.ts'

const TIMEOUT_MS = 120_000

export interface KafkaReaderOptions {
  bootstrap: string
  /** Before the names of the topics. */
  prefix?: string
}

/** Reads the topics from their beginning with `kcat`, which shares nothing with the product's client. */
export function kafkaReader(options: KafkaReaderOptions): LogReader {
  return { repeats: true, read: async () => recordsOf(await dumpOf(options), options.prefix) }
}

/** What kcat says of every topic, a line of JSON for each record; one character is one byte. */
export async function dumpOf({ bootstrap, prefix = '' }: KafkaReaderOptions): Promise<string[]> {
  const dumps = await Promise.all(TOPICS.map((topic) => consume(bootstrap, `${prefix}${topic}`)))
  return dumps.flat()
}

/** The records of a dump, those of one partition in the order of their offsets. */
export function recordsOf(dump: readonly string[], prefix = ''): EventFact[] {
  const records = dump.map((line) => recordOf(line, prefix))
  return records.sort((a, b) => compare(a.topic, b.topic) || a.partition - b.partition || a.offset - b.offset)
}

async function consume(bootstrap: string, topic: string): Promise<string[]> {
  const options = ['-C', '-b', bootstrap, '-t', topic, '-o', 'beginning', '-e', '-q', '-J']
  const child = spawn('kcat', options, { stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk
  })
  const lines: string[] = []
  let rest = ''
  // Payloads may hold any bytes, of which UTF-8 would lose some.
  child.stdout.setEncoding('latin1').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop()!
    lines.push(...parts)
  })
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (status !== 0 || rest !== '') throw new Error(`kcat could not read ${topic} (status ${status}): ${said}`)
  return lines
}

interface KcatRecord {
  topic: string
  partition: number
  offset: number
  headers?: string[]
  key: string | null
  payload: string | null
}

function recordOf(line: string, prefix: string): EventFact {
  const { topic, partition, offset, headers = [], key, payload } = JSON.parse(line) as KcatRecord
  const attributes = new Map<string, string>()
  for (let at = 0; at < headers.length; at += 2) attributes.set(headers[at]!, utf8(headers[at + 1]))
  const attribute = (name: string) => attributes.get(`ce_${name}`) ?? ''
  return {
    topic: topic.slice(prefix.length),
    partition,
    offset,
    key: utf8(key),
    id: attribute('id'),
    type: attribute('type'),
    subject: attribute('subject'),
    sequence: Number(attribute('sequence')),
    time: attribute('time'),
    // Left as bytes: copies have to be equal in all of them.
    text: JSON.stringify([key, headers, payload]),
    data: dataOf(payload),
  }
}

function dataOf(payload: string | null): unknown {
  try {
    return JSON.parse(utf8(payload))
  } catch {
    return undefined
  }
}

function utf8(bytes: string | null | undefined): string {
  return Buffer.from(bytes ?? '', 'latin1').toString('utf8')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
