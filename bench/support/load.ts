import autocannon, { type Request } from 'autocannon'

export const CONNECTIONS = 64
const WARM_UP_S = 2

export interface LoadOptions {
  url: string
  seconds: number
  connections?: number
  requests?: Request[]
  /** Requests a second that are offered; without it as many as the server takes. */
  rate?: number
}

export interface Load {
  per_second: number
  p50_ms: number
  p99_ms: number
  failed: number
}

/** Sends requests for some seconds after a warm-up; the generator is this process. */
export async function load(options: LoadOptions): Promise<Load> {
  await run({ ...options, seconds: WARM_UP_S })
  return run(options)
}

async function run({ url, seconds, connections = CONNECTIONS, requests, rate }: LoadOptions): Promise<Load> {
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    ...(requests && { requests }),
    ...(rate && { overallRate: rate }),
  })
  return {
    per_second: result.requests.average,
    p50_ms: result.latency.p50,
    p99_ms: result.latency.p99,
    failed: result.non2xx + result.errors + result.timeouts,
  }
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** The median of several runs, by throughput. */
export async function repeated(runs: number, once: () => Promise<Load>): Promise<Load> {
  const loads: Load[] = []
  for (let run = 0; run < runs; run++) loads.push(await once())
  loads.sort((a, b) => a.per_second - b.per_second)
  return loads[Math.floor(runs / 2)]!
}

/** `workers` loops that run `step` until the time is over; latencies in milliseconds. */
export async function loops(workers: number, seconds: number, step: (worker: number) => Promise<unknown>) {
  const latencies: number[] = []
  const until = performance.now() + seconds * 1_000
  const began = performance.now()
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      while (performance.now() < until) {
        const at = performance.now()
        await step(worker)
        latencies.push(performance.now() - at)
      }
    }),
  )
  latencies.sort((a, b) => a - b)
  return {
    per_second: latencies.length / ((performance.now() - began) / 1_000),
    p50_ms: latencies[Math.floor(latencies.length * 0.5)] ?? Number.NaN,
    p99_ms: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN,
  }
}
