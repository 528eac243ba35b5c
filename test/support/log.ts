import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type Clock, systemClock } from '../../src/kernel/clock.ts'
import type { CloudEvent, Topic } from '../../src/kernel/event.ts'
import { newId } from '../../src/kernel/ids.ts'
import type { Logger } from '../../src/kernel/logger.ts'
import type { OutboxEntry } from '../../src/storage/outbox.ts'
import {
  type EmbeddedLog,
  type EmbeddedLogOptions,
  openEmbeddedLog,
} from '../../src/stream/embedded/embedded-log.ts'
import { eventOf } from '../../src/stream/event-of.ts'
import type { ClickstreamRecord, Log } from '../../src/stream/stream.ts'

export interface TestLog {
  log: EmbeddedLog
  directory: string
  /** Closes the log and opens its file again. */
  reopen(): Promise<EmbeddedLog>
}

/** An embedded log on a temporary folder, closed when the test ends. */
export async function openTestLog(
  t: Pick<TestContext, 'after'>,
  options: Partial<EmbeddedLogOptions> = {},
): Promise<TestLog> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'tradewind-log-'))
  const clock: Clock = options.clock ?? systemClock
  const opened: TestLog = {
    log: await openEmbeddedLog({ ...options, directory, clock }),
    directory,
    async reopen() {
      await opened.log.close()
      opened.log = await openEmbeddedLog({ ...options, directory, clock })
      return opened.log
    },
  }
  t.after(async () => {
    await opened.log.close()
    rmSync(directory, { recursive: true, force: true })
  })
  return opened
}

export const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** A logger that keeps its lines. */
export function keepingLogger() {
  const lines: { level: string; message: string; details: object }[] = []
  const at = (level: string) => (details: object, message: string) => {
    lines.push({ level, message, details })
  }
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  return { logger, lines }
}

export interface TestEvent {
  key: string
  subject?: string
  sequence?: number
  type?: string
  data?: object
}

export function testEvent({
  key,
  subject = `orders/${key}`,
  sequence = 1,
  type = 'order_updated',
  data = {},
}: TestEvent): CloudEvent {
  return {
    specversion: '1.0',
    id: newId('evt'),
    source: '/test',
    type,
    subject,
    time: new Date().toISOString(),
    dataschema: `/test/${type}.json`,
    sequence,
    partitionkey: key,
    actor: 'system',
    data,
  }
}

export function outboxEntry(position: number, given: TestEvent & { topic?: Topic }): OutboxEntry {
  const event = testEvent(given)
  return { position, topic: given.topic ?? 'ecommerce-orders', event, json: JSON.stringify(event) }
}

export function click(
  key: string,
  id: string | null,
  at_ms = Date.now(),
  data: object = {},
): ClickstreamRecord {
  const json = JSON.stringify(
    testEvent({ key, type: 'page_view', subject: `visitors/${key}`, sequence: 0, data: { id, ...data } }),
  )
  return { key, dedup: id === null ? null : { id, at_ms }, json }
}

/** Every event of these topics, partition by partition. */
export async function everything(log: Pick<Log, 'ends' | 'read'>, topics: readonly Topic[]) {
  const found: { topic: Topic; partition: number; offset: number; event: CloudEvent }[] = []
  for (const { topic, partition, first, next } of await log.ends(topics)) {
    for (let offset = first; offset < next; ) {
      const records = await log.read(topic, partition, offset, 1_000)
      for (const record of records)
        found.push({ topic, partition, offset: record.offset, event: eventOf(record) })
      offset = records.at(-1)!.offset + 1
    }
  }
  return found
}
