import type { New, Storage } from '../../storage/storage.ts'
import { AUDIT_CHAIN, AUDIT_CHAIN_ID, AUDIT_LOG, type AuditEntry, NO_HASH } from './schema.ts'
import { type ChainEnd, hashOf } from './sealing.ts'

const PAGE = 500

export type Verification =
  | { sound: true; end: ChainEnd }
  /** The first entry that does not fit, by its place, and why. */
  | { sound: false; seq: number; reason: string }

/**
 * Walks the chain from its beginning, also beside a shop that appends to it. `noted`: an end that was told by an earlier walk
 * and kept elsewhere; whoever made the whole chain anew does not come by it.
 */
export async function verifyChain(
  { storage }: { storage: Pick<Storage, 'collection'> },
  noted?: ChainEnd,
): Promise<Verification> {
  const chain = await storage.collection(AUDIT_CHAIN).get(AUDIT_CHAIN_ID)
  const last = chain ?? { seq: 0, hash: NO_HASH, pending: [] }
  // What was decided before the chain was read counts, whether it is inserted yet or not.
  const pending = new Map(last.pending.map((entry) => [entry.seq, entry]))
  let end: ChainEnd = { seq: 0, hash: NO_HASH }
  const broken = (reason: string): Verification => ({ sound: false, seq: end.seq + 1, reason })

  while (end.seq < last.seq) {
    const before = end.seq
    for (const entry of await pageBehind(storage, before)) {
      if (end.seq >= last.seq) break
      const reason = faultOf(entry, end)
      if (reason !== undefined) return broken(reason)
      end = entry
      if (noted && end.seq === noted.seq && end.hash !== noted.hash)
        return { sound: false, seq: end.seq, reason: `it is not the one that was noted: ${noted.hash}` }
    }
    if (end.seq > before) continue
    const decided = pending.get(end.seq + 1)
    if (!decided || faultOf(decided, end) !== undefined) return broken('it is missing')
    end = decided
  }
  if (end.hash !== last.hash)
    return { sound: false, seq: end.seq, reason: 'it is not what the chain ends with' }
  if (noted && noted.seq > end.seq) return broken(`it is missing, although ${noted.seq} was noted`)
  if (await beyond(storage, last.seq)) return broken('the chain ends before it')
  return { sound: true, end: { seq: end.seq, hash: end.hash } }
}

async function pageBehind(
  storage: Pick<Storage, 'collection'>,
  seq: number,
): Promise<readonly New<AuditEntry>[]> {
  const range = { from: seq + 1 }
  return (await storage.collection(AUDIT_LOG).list({ index: 'place', range, limit: PAGE })).items
}

/** Entries that nobody decided; those of a shop that goes on meanwhile were. */
async function beyond(storage: Pick<Storage, 'collection'>, seq: number): Promise<boolean> {
  const [entry] = await pageBehind(storage, seq)
  if (!entry) return false
  const chain = await storage.collection(AUDIT_CHAIN).get(AUDIT_CHAIN_ID)
  return entry.seq > (chain?.seq ?? 0)
}

function faultOf(entry: New<AuditEntry>, end: ChainEnd): string | undefined {
  if (entry.seq !== end.seq + 1) return `it is missing; ${entry.id} at ${entry.seq} is the next`
  if (entry.previous_hash !== end.hash) return `${entry.id} does not follow the one before it`
  if (entry.hash !== hashOf(entry)) return `${entry.id} was changed: its hash does not fit`
  return undefined
}
