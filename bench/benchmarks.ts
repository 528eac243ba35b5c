import { consumers } from './consumers.ts'
import { events } from './events.ts'
import { exchange } from './exchange.ts'
import { growth } from './growth.ts'
import { kafka } from './kafka.ts'
import { card, slowProvider } from './paying.ts'
import { list, listLarge, product, productLarge, search } from './reading.ts'
import type { Benchmark } from './row.ts'
import { security } from './security.ts'
import { cart, checkout } from './shopping.ts'
import { start, startLarge } from './start.ts'

/** By the name that `npm run bench -- NAME` takes. */
export const BENCHMARKS: Record<string, Benchmark> = {
  product,
  list,
  cart,
  checkout,
  card,
  'slow-provider': slowProvider,
  events,
  consumers,
  kafka,
  security,
  start,
  exchange,
  // From here on a million products are made first, which takes some minutes once.
  'product-large': productLarge,
  'list-large': listLarge,
  search,
  'start-large': startLarge,
  growth,
}
