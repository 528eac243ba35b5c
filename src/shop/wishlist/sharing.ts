import { createHash, randomBytes } from 'node:crypto'
import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import type { Storage } from '../../storage/storage.ts'
import { wishlistBusy } from './rules.ts'
import { TOKEN_BYTES, WISHLIST_SHARES, type WishlistShare } from './schema.ts'
import type { ShareLink } from './wish-schema.ts'

const MAX_TRIES = 8

interface Needs {
  storage: Pick<Storage, 'collection'>
  clock: Clock
}

/** Links by which others read a wishlist: one for each customer, kept as a hash. */
export function createSharing({ storage, clock }: Needs) {
  const shares = storage.collection(WISHLIST_SHARES)

  /** A new link; the one before it is over. */
  async function share(user_id: string): Promise<ShareLink> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    const token_hash = hashOf(token)
    const { updated_at } = await repeated(async () => {
      const known = await shares.get(user_id)
      const at = timestamp(clock.now())
      return known
        ? shares.replace({ ...known, token_hash, updated_at: at })
        : shares.insert({ id: user_id, token_hash, created_at: at, updated_at: at })
    })
    return { token, path: `/wishlists/${token}`, created_at: updated_at }
  }

  /** No link works any more. */
  async function revoke(user_id: string): Promise<void> {
    await repeated(async () => {
      const known = await shares.get(user_id)
      return !known || (await shares.remove(user_id, known.version)) || undefined
    })
  }

  /** Tries again while another change of the same link is faster; undefined says so, too. */
  async function repeated<Done>(change: () => Promise<Done | undefined>): Promise<Done> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      try {
        const done = await change()
        if (done !== undefined) return done
      } catch (error) {
        if (!isRefusal(error, 'version_moved') && !isRefusal(error, 'duplicate')) throw error
      }
    }
    throw wishlistBusy()
  }

  return {
    share,
    revoke,
    find: (user_id: string): Promise<WishlistShare | undefined> => shares.get(user_id),
    /** Whose wishlist a link shows. */
    async ownerOf(token: string): Promise<string | undefined> {
      return (await shares.getBy('token', [hashOf(token)]))?.id
    },
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
