import { setTimeout as delay } from 'node:timers/promises'
import type { BenchCall } from './client.ts'
import { type Connection, openConnection } from './connection.ts'

export const CONNECTIONS = 64
const WARM_UP_S = 2
/** Refused answers are told when they are more than this share. */
const FEW = 0.001

export interface LoadOptions {
  url: string
  seconds: number
  connections?: number
  /** The calls of one round of a connection, made one after the other; a round is what is counted and timed. */
  round(connection: number): readonly BenchCall[]
  /** Rounds a second that are offered, each timed from when it was due; without it as many as the server takes. */
  rate?: number
  /** Nothing is said of refused answers, which are then what is measured. */
  refused?: 'expected'
}

export interface Load {
  /** Rounds whose every call was answered with 2xx. */
  per_second: number
  p50_ms: number
  p99_ms: number
  failed: number
}

/** Sends for some seconds after a warm-up; the generator is this process. */
export async function load(options: LoadOptions): Promise<Load> {
  await run({ ...options, seconds: Math.min(WARM_UP_S, options.seconds) })
  return run(options)
}

/** Rounds of a single call, from a list that all connections walk together. */
export function inTurn(calls: readonly BenchCall[]): () => readonly BenchCall[] {
  let turn = 0
  return () => [calls[turn++ % calls.length]!]
}

async function run(options: LoadOptions): Promise<Load> {
  const { url, seconds, connections = CONNECTIONS, round, rate, refused } = options
  const latencies: number[] = []
  const refusals = new Map<string, number>()
  const began = performance.now()
  const until = began + seconds * 1_000
  let started = 0

  async function serve(number: number): Promise<void> {
    const connection = openConnection(url)
    for (;;) {
      const due = rate ? began + (started++ * 1_000) / rate : performance.now()
      if (due >= until) break
      const early = due - performance.now()
      if (early > 0) await delay(early)
      const refusal = await walk(connection, round(number))
      if (refusal === undefined) latencies.push(performance.now() - due)
      else refusals.set(refusal, (refusals.get(refusal) ?? 0) + 1)
    }
    connection.close()
  }

  await Promise.all(Array.from({ length: connections }, (_, number) => serve(number)))
  const elapsed_s = (performance.now() - began) / 1_000
  const failed = [...refusals.values()].reduce((sum, count) => sum + count, 0)
  if (failed > latencies.length * FEW && refused !== 'expected')
    console.error(`  ${failed} rounds failed:`, Object.fromEntries(refusals))
  latencies.sort((a, b) => a - b)
  return {
    per_second: latencies.length / elapsed_s,
    p50_ms: latencies[Math.floor(latencies.length * 0.5)] ?? Number.NaN,
    p99_ms: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN,
    failed,
  }
}

/** What went wrong, or undefined. */
async function walk(connection: Connection, calls: readonly BenchCall[]): Promise<string | undefined> {
  for (const call of calls) {
    const answer = await connection.send(call).catch((error: Error) => error.message)
    if (typeof answer === 'string' || answer >= 300) return `${call.method ?? 'GET'}: ${answer}`
  }
  return undefined
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** The median of several runs, by throughput, after one warm-up. */
export async function repeated(runs: number, options: LoadOptions): Promise<Load> {
  const loads: Load[] = [await load(options)]
  while (loads.length < runs) loads.push(await run(options))
  loads.sort((a, b) => a.per_second - b.per_second)
  return loads[Math.floor(runs / 2)]!
}
