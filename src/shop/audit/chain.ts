import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { insertOnce } from '../../storage/insert-once.ts'
import type { New, Storage } from '../../storage/storage.ts'
import {
  AUDIT_CHAIN,
  AUDIT_CHAIN_ID,
  AUDIT_LOG,
  type AuditEntry,
  type AuditChain as ChainDocument,
  type Deed,
  MAX_ADDED,
  MAX_ADDED_CHARACTERS,
  NO_HASH,
} from './schema.ts'
import { sealed } from './sealing.ts'

const KEY_BYTES = 32
/** Nodes that append at once move each other's end; somebody comes further every time. */
const MAX_ATTEMPTS = 20
const LONGEST_PAUSE_MS = 100

interface Needs {
  storage: Pick<Storage, 'collection'>
  clock: Clock
}

export type AuditChain = ReturnType<typeof createAuditChain>

/**
 * The chain of entries. One document says where it ends and holds the entries that were decided last: to replace it is to
 * append, so there is one order on any number of nodes. The entries are inserted behind it, by whoever comes first.
 */
export function createAuditChain({ storage, clock }: Needs) {
  const entries = storage.collection(AUDIT_LOG)
  const chains = storage.collection(AUDIT_CHAIN)

  async function begun(): Promise<ChainDocument> {
    const known = await chains.get(AUDIT_CHAIN_ID)
    if (known) return known
    const at = timestamp(clock.now())
    const empty = { seq: 0, hash: NO_HASH, key: randomBytes(KEY_BYTES).toString('base64url') }
    return insertOnce(chains, { id: AUDIT_CHAIN_ID, ...empty, pending: [], created_at: at, updated_at: at })
  }

  /** The end of the chain, with every entry that was decided in its place. */
  async function settled(): Promise<ChainDocument> {
    const chain = await begun()
    await place(chain.pending)
    return chain
  }

  async function place(pending: readonly New<AuditEntry>[]): Promise<void> {
    if (pending.length === 0) return
    const there = new Set((await entries.getMany(pending.map(({ id }) => id))).map(({ id }) => id))
    const missing = pending.filter(({ id }) => !there.has(id))
    if (missing.length > 0) await entries.insertMany(missing)
  }

  /** True when it was this caller who moved the end. */
  async function decide(chain: ChainDocument, added: readonly Deed[]): Promise<boolean> {
    const pending: New<AuditEntry>[] = []
    let end: Pick<ChainDocument, 'seq' | 'hash'> = chain
    for (const deed of added) {
      const entry = sealed(deed, end)
      pending.push(entry)
      end = entry
    }
    const next = { ...chain, seq: end.seq, hash: end.hash, pending, updated_at: timestamp(clock.now()) }
    try {
      await chains.replace(next)
    } catch (error) {
      if (isRefusal(error, 'version_moved')) return false
      throw error
    }
    await place(pending)
    return true
  }

  return {
    /** The key of digests. */
    key: async (): Promise<string> => (await begun()).key,

    /** Appends the deeds that are not in the chain yet, in their order. */
    async append(deeds: readonly Deed[]): Promise<void> {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; ) {
        const chain = await settled()
        const there = new Set((await entries.getMany(deeds.map(({ id }) => id))).map(({ id }) => id))
        const missing = deeds.filter(({ id }) => !there.has(id))
        if (missing.length === 0) return
        if (await decide(chain, fitting(missing))) continue
        attempt++
        await sleep(Math.random() * LONGEST_PAUSE_MS)
      }
      throw new Refusal('unavailable', 'busy', 'Too many append to the audit log at once; try again.')
    },
  }
}

/** The first of them that one document takes. */
function fitting(deeds: readonly Deed[]): Deed[] {
  const taken: Deed[] = []
  let characters = 0
  for (const deed of deeds.slice(0, MAX_ADDED)) {
    characters += deed.before.length + deed.after.length
    if (taken.length > 0 && characters > MAX_ADDED_CHARACTERS) break
    taken.push(deed)
  }
  return taken
}
