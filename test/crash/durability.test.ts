import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Call, type Client, createClient } from './client.ts'
import { freePort, startServer } from './server.ts'

const ATTEMPTS = 60
const hasStrace = spawnSync('strace', ['-V']).status === 0

/** A kill keeps the page cache, so the order of the system calls has to tell that a sync comes first. */
const CASES: { title: string; call: Call; file: string; status: number }[] = [
  {
    title: 'a registration leaves after the sync of the storage',
    call: {
      method: 'POST',
      path: '/auth/register',
      body: { email: 'sync@example.org', password: 'engine-1843', name: 'Ada' },
    },
    file: 'shop.db',
    status: 201,
  },
  {
    title: 'clickstream leaves after the sync of the log',
    call: {
      method: 'POST',
      path: '/events',
      body: { events: [{ type: 'page_view', anonymous_id: 'visitor', url: '/' }] },
    },
    file: 'log.db',
    status: 202,
  },
]

for (const { title, call, file, status } of CASES) {
  test(`the answer to ${title}`, { skip: hasStrace ? false : 'strace is not installed' }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tradewind-sync-'))
    const trace = join(directory, 'trace')
    const wrapper = [
      'strace',
      '-f',
      '-y',
      '-s',
      '64',
      '-e',
      'trace=fsync,fdatasync,read,write,writev,recvfrom,sendto,sendmsg',
      '-o',
      trace,
    ]
    const port = await freePort()
    const server = await startServer({
      directory: join(directory, 'data'),
      port,
      output: join(directory, 'output'),
      wrapper,
    })
    const client = createClient(port)
    try {
      assert.equal(await statusOf(client, call), status)
    } finally {
      client.close()
      await server.kill()
    }
    const lines = readFileSync(trace, 'utf8').split('\n')
    const arrived = lines.findLastIndex((line) => line.includes(`"${call.method} ${call.path} `))
    const left = lines.findIndex((line, at) => at > arrived && line.includes(`HTTP/1.1 ${status}`))
    assert.ok(arrived >= 0 && left > arrived, 'the request and its answer are in the trace')
    assert.ok(
      syncedBetween(lines.slice(arrived, left), file),
      `${file} was not synced before the answer left`,
    )
    rmSync(directory, { recursive: true })
  })
}

/** Traced, the server is slow enough to shed load; then the request comes again, as it is told. */
async function statusOf(client: Client, call: Call): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const { status } = await client.call(call)
    if (status !== 503 || attempt === ATTEMPTS) return status
    await delay(500)
  }
}

/** Whether a sync of this file (or of its write-ahead log) was called and came back well among these lines. */
function syncedBetween(lines: readonly string[], file: string): boolean {
  const waiting = new Set<string>()
  for (const line of lines) {
    const thread = line.split(/\s/, 1)[0]!
    const ofFile = /f(?:data)?sync\(/.test(line) && line.includes(`/${file}`)
    if (ofFile && / = 0$/.test(line)) return true
    if (ofFile && line.includes('<unfinished')) waiting.add(thread)
    if (waiting.has(thread) && /<\.\.\. f(?:data)?sync resumed>.* = 0$/.test(line)) return true
  }
  return false
}
