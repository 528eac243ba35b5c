import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePorts } from '../servers/ports.ts'
import { startRoundRobin } from '../servers/round-robin.ts'
import { type Client, createClient } from './client.ts'
import { createLife } from './life.ts'
import { nodeDirectory } from './pairs/pair.ts'
import { type ServerProcess, startServer } from './server.ts'

/** A supervisor tries to bring a node back for so long. */
const RESTART_MS = 60_000
const AGAIN_MS = 200

export interface FleetOptions {
  nodes: number
  directory: string
  environment: Record<string, string>
  /** Of the program that starts next, where it is not this one. */
  root?: () => string
  /** A node whose start is refused, because something that it needs is away, is started again, as a supervisor does. */
  startAgain: boolean
}

/** The processes of the shop, behind a load balancer when there are several. */
export interface Fleet {
  /** Waits while there is nobody to answer. */
  client(): Promise<Client>
  size: number
  /** Of the only node, or of the balancer. */
  url: string
  /** Port of each node. */
  ports: number[]
  /** Files with the output of each node. */
  outputs: string[]
  start(node: number): Promise<void>
  kill(node: number): Promise<void>
  /** Starts that were refused and tried again. */
  refusedStarts(): number
  /** Nodes that ended without having been killed. */
  ended(): number[]
  /** Asks all to stop; the exit statuses. */
  stop(): Promise<(number | null)[]>
  /** Kills what still runs. */
  close(): Promise<void>
}

export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const numbers = Array.from({ length: options.nodes }, (_, node) => node)
  const ports = await freePorts(options.nodes)
  const outputs = numbers.map((node) => join(options.directory, `output-${node}.log`))
  const servers = new Map<number, ServerProcess>()
  const balancer = options.nodes > 1 ? await startRoundRobin(ports) : undefined
  const life = createLife()
  const starting = new Set<Promise<void>>()
  let refused = 0
  let closed = false
  if (balancer) life.begin(createClient(balancer.port, { keepAlive: false }))

  async function bringUp(node: number): Promise<void> {
    const deadline = performance.now() + RESTART_MS
    for (;;) {
      try {
        const server = await startServer({
          directory: nodeDirectory(options.directory, node),
          port: ports[node]!,
          output: outputs[node]!,
          environment: options.environment,
          root: options.root?.(),
        })
        servers.set(node, server)
        if (closed) return server.kill()
        if (!balancer) life.begin(createClient(ports[node]!))
        return
      } catch (error) {
        if (closed || !options.startAgain || performance.now() > deadline) throw error
        refused += 1
        await delay(AGAIN_MS)
      }
    }
  }

  return {
    client: life.client,
    size: options.nodes,
    url: `http://127.0.0.1:${balancer?.port ?? ports[0]!}`,
    ports,
    outputs,
    start(node) {
      const started = bringUp(node).finally(() => starting.delete(started))
      starting.add(started)
      return started
    },
    async kill(node) {
      await servers.get(node)?.kill()
      servers.delete(node)
      if (!balancer) life.end()
    },
    refusedStarts: () => refused,
    ended: () => numbers.filter((node) => servers.get(node)?.exited()),
    stop: () => Promise.all([...servers.values()].map((server) => server.stop())),
    async close() {
      closed = true
      await Promise.allSettled(starting)
      await Promise.all([...servers.values()].map((server) => server.kill()))
      life.end()
      await balancer?.close()
    },
  }
}
