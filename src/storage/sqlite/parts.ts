import { listingPart } from './listing.ts'
import { outboxPart } from './outbox.ts'
import type { Part } from './part.ts'
import { probePart } from './probe.ts'
import { rollUpsPart } from './roll-ups.ts'
import { scrubPart } from './scrub.ts'
import { stockPart } from './stock.ts'

/** Everything beside the documents that the writer and the reading worker can do. */
export const PARTS: readonly Part[] = [outboxPart, rollUpsPart, stockPart, listingPart, probePart, scrubPart]
