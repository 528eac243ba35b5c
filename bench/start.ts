import { setTimeout as delay } from 'node:timers/promises'
import { atMost, type Benchmark } from './row.ts'
import { median } from './support/load.ts'
import { startShop } from './support/process.ts'
import { seededFolder } from './support/seed.ts'

const IDLE_MS = 5_000

/** From the start of the process to its first answer, on a database that is there. */
export const start: Benchmark = async ({ runs }) => {
  const { start_ms, rss } = await measure(10_000, runs)
  return [
    atMost('start to first answer, 10,000 products', start_ms, 1_000, 'ms'),
    atMost('idle memory', rss, 150, 'MB'),
  ]
}

export const startLarge: Benchmark = async ({ runs }) => {
  const { start_ms } = await measure(1_000_000, runs)
  return [atMost('start to first answer, 1,000,000 products', start_ms, 3_000, 'ms')]
}

async function measure(products: number, runs: number) {
  const { directory } = await seededFolder(products)
  const times: number[] = []
  let rss = 0
  for (let run = 0; run <= runs; run++) {
    const shop = await startShop({ directory })
    times.push(shop.start_ms)
    if (run === runs) {
      await delay(IDLE_MS)
      rss = shop.rss()
    }
    await shop.stop()
  }
  return { start_ms: median(times.slice(1)), rss }
}
