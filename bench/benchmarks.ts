import { consumers } from './consumers.ts'
import { events } from './events.ts'
import { growth } from './growth.ts'
import { list, product, search } from './reading.ts'
import type { Benchmark } from './row.ts'
import { security } from './security.ts'
import { cart, checkout } from './shopping.ts'
import { start } from './start.ts'

/** By the name that `npm run bench -- NAME` takes. */
export const BENCHMARKS: Record<string, Benchmark> = {
  product,
  list,
  search,
  cart,
  checkout,
  events,
  consumers,
  security,
  start,
  growth,
}
