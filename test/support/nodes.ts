import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { ALL_COLLECTIONS } from '../../src/collections.ts'
import { readConfig } from '../../src/config.ts'
import { IDEMPOTENCY_KEYS } from '../../src/http/idempotency-store.ts'
import { NO_SHEDDING } from '../../src/http/overload.ts'
import { createServer } from '../../src/http/server.ts'
import { QUOTA_WINDOWS } from '../../src/http/stored-quota.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import { createTestProvider } from '../../src/payments/test-provider/test-provider.ts'
import { createShop } from '../../src/shop.ts'
import type { ShopOptions } from '../../src/shop-options.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { startConsumers } from '../../src/stream/consumers.ts'
import { startRelay } from '../../src/stream/relay.ts'
import type { Log } from '../../src/stream/stream.ts'
import { SECRET, testClock } from './accounts.ts'
import { createAnswerChecker, type OpenApiDocument } from './answers.ts'
import { type Client, createClient } from './http-client.ts'
import { keepingLogger, openTestLog, SILENT } from './log.ts'
import { testMailer } from './mailer.ts'
import { folderMedia } from './media.ts'
import { forgetPair, openPairStorage } from './pair.ts'
import { createPeople, type People } from './people.ts'
import { temporaryDirectory } from './storage.ts'
import { type Intercept, tapped } from './tapped-storage.ts'
import { until } from './until.ts'

/** How far the clocks of the nodes are off, in milliseconds. */
const CLOCKS_OFF_MS = [0, 900, -900]

export interface RunningNode extends People {
  url: string
  client(headers?: Record<string, string>): Client
  /** Sees the storage calls of this node from now on; the last one that was set. */
  tap(intercept: Intercept): void
  /** Ends the node without a warning: connections are cut, and what it asks of the storage from now on is not heard. */
  kill(): Promise<void>
}

/** Several nodes of one shop; what is asked without naming a node goes to those that live, in turn. */
export interface RunningNodes extends People {
  nodes: readonly RunningNode[]
  client(headers?: Record<string, string>): Client
  storage: Storage
  log: Log
  /** Turns the clocks of all nodes. */
  turn(ms: number): void
  /** Every committed event is in the log and every consumer has handled it. */
  caughtUp(): Promise<void>
  /** Lines of all nodes at `warn` and above. */
  warnings(): { level: string; message: string; details: object }[]
}

type Ends = Pick<TestContext, 'after'>

export interface NodesOptions {
  count?: number
  environment?: Record<string, string>
}

/** Nodes that stop with the test. */
export async function startNodes(t: Ends, options: NodesOptions = {}): Promise<RunningNodes> {
  const nodes = await openNodes(options)
  t.after(nodes.stop)
  return nodes
}

/** Nodes over one storage and one log, whose clocks differ. */
export async function openNodes(
  options: NodesOptions = {},
): Promise<RunningNodes & { stop(): Promise<void> }> {
  const closing: (() => unknown)[] = []
  const ends: Ends = { after: (close) => void closing.push(close as () => unknown) }
  const { count = CLOCKS_OFF_MS.length, environment } = options
  const clock = testClock()
  const directory = temporaryDirectory(ends)
  const storage = await openPairStorage({ directory, collections: ALL_COLLECTIONS, clock })
  ends.after(async () => {
    await storage.close()
    await forgetPair(directory)
  })
  const { log } = await openTestLog(ends, { directory, clock, outbox: storage.outbox })
  const { logger, lines } = keepingLogger()
  const defaults = { PORT: '0', DATA_DIR: directory, RATE_LIMITS: 'off', BCRYPT_COST: '4' }
  const config = readConfig({ ...defaults, ...environment })
  const provider = createTestProvider({
    ...{ path: join(directory, 'provider.db'), clock, secret: SECRET },
    urlOf: (action) => `/payments/test/actions/${action}`,
  })
  ends.after(() => provider.close())
  const shared = {
    config,
    nodes: 'several',
    log_repeats: false,
    provider,
    media: await folderMedia(ends),
    mailer: testMailer(),
    mail_from: { name: 'Shop', address: 'shop@tests.example' },
    keys: { current: SECRET },
    storage,
    log,
    logger,
    parked: () => [],
    mending: { readOn: async () => false, refused: async () => new Set<string>(), release: async () => 0 },
  } as const

  const streams = await startStreams({ ...shared, clock, start_id: newId('run') })
  ends.after(streams.stop)
  const clocks = Array.from({ length: count }, (_, index) => clockOff(clock, index))
  const nodes = await Promise.all(clocks.map((own) => startNode(ends, { ...shared, clock: own })))

  let turn = 0
  const inTurn = () => {
    const living = nodes.filter(({ lives }) => lives())
    return living[turn++ % living.length]!.url
  }
  const client = (headers?: Record<string, string>) =>
    createClient({ url: inTurn, headers, onAnswer: nodes[0]!.check })
  return {
    ...createPeople(client),
    nodes,
    client,
    storage,
    log,
    turn: clock.turn,
    caughtUp: streams.caughtUp,
    warnings: () => lines.filter(({ level }) => level === 'warn' || level === 'error'),
    async stop() {
      for (const close of closing.reverse()) await close()
    },
  }
}

function clockOff(clock: Clock, index: number): Clock {
  const off_ms = CLOCKS_OFF_MS[index % CLOCKS_OFF_MS.length]!
  return { now: () => clock.now() + off_ms }
}

/** One relay and one set of consumers: how nodes share those is a matter of the stream. */
async function startStreams(options: ShopOptions) {
  const { storage, log, clock } = options
  const { reactions, stop } = createShop(options)
  const relay = startRelay({ outbox: storage.outbox, log, clock, logger: SILENT })
  const consumers = await startConsumers({
    log,
    rollUps: storage.rollUps,
    reactions,
    clock,
    logger: SILENT,
    linger_ms: 1,
  })
  return {
    async caughtUp() {
      await until(async () => (await relay.health()).waiting === 0)
      await consumers.caughtUp()
    },
    async stop() {
      await stop()
      await relay.stop()
      await consumers.stop()
    },
  }
}

async function startNode(t: Ends, options: Omit<ShopOptions, 'start_id'>) {
  let lives = true
  let intercept: Intercept = (_call, run) => run()
  const storage = tapped(options.storage, async (call, run) => {
    const result = lives && (await intercept(call, run))
    // The dead hear of nothing, not even of what they wrote with their last breath.
    if (!lives) throw new Error('this node is dead')
    return result as Awaited<ReturnType<typeof run>>
  })
  const shop = createShop({ ...options, storage, start_id: newId('run', options.clock.now()) })
  const server = await createServer({
    ...options,
    version: '0.0.0-test',
    shop,
    keys: storage.collection(IDEMPOTENCY_KEYS),
    quotas: storage.collection(QUOTA_WINDOWS),
    checks: { storage: () => storage.check() },
    overload: NO_SHEDDING,
  })
  t.after(async () => {
    await shop.stop()
    await server.close()
  })
  const url = await server.listen()
  await shop.start()
  server.ready()
  const { check } = createAnswerChecker(server.document() as OpenApiDocument)
  const client = (headers?: Record<string, string>) => createClient({ url, headers, onAnswer: check })
  return {
    ...createPeople(client),
    url,
    client,
    check,
    lives: () => lives,
    tap(next: Intercept) {
      intercept = next
    },
    async kill() {
      lives = false
      const { server: http } = server.app
      http.close()
      http.closeAllConnections()
    },
  }
}
