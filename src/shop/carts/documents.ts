import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { createKeyedQueue } from '../../kernel/keyed-queue.ts'
import { insertOnce } from '../../storage/insert-once.ts'
import type { New, Storage } from '../../storage/storage.ts'
import { CARTS, type Cart } from './schema.ts'

/** How many changes of one cart wait for each other in one process. */
const MAX_WAITING = 1_000
/** Tries of one change; only other nodes can take a cart away in between. */
const MAX_TRIES = 40
/** The first tries follow at once: whoever pauses leaves the cart to those who do not. */
const TRIES_AT_ONCE = 20
const MAX_PAUSE_MS = 10

/** What to make of a cart, and what to answer when that is on disk; no `next` when nothing changes. */
export interface Change<Answer> {
  next?: Pick<Cart, 'lines'> & Partial<Cart>
  answer(cart: Cart | undefined): Answer
}

export interface Changing<Answer, Ahead> {
  decide(cart: Cart | undefined, ahead: Ahead): Promise<Change<Answer>>
  /** Reads, together with the cart, what the decision needs whatever the cart holds. */
  ahead?: () => Promise<Ahead>
}

/** Reads carts and changes them by compare-and-set, one change of a cart at a time. */
export function createCartDocuments({
  storage,
  clock,
}: {
  storage: Pick<Storage, 'collection'>
  clock: Clock
}) {
  const carts = storage.collection(CARTS)
  const inTurn = createKeyedQueue({ max_waiting: MAX_WAITING, full: cartBusy })

  function find(owner_id: string): Promise<Cart | undefined> {
    return carts.getBy('owner', [owner_id])
  }

  /**
   * Changes the owner's cart as `decide` says, which may be asked again when somebody else was faster. Throws
   * `conflict` for a guest's cart that is on its way into a user's.
   */
  function change<Answer, Ahead = undefined>(
    owner_id: string,
    { decide, ahead }: Changing<Answer, Ahead>,
  ): Promise<Answer> {
    return inTurn(owner_id, async () => {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const [cart, read] = await Promise.all([find(owner_id), ahead?.()])
        if (cart?.merging_into) throw mergedAway()
        const { next, answer } = await decide(cart, read as Ahead)
        if (!next) return answer(cart)
        try {
          return answer(
            cart
              ? await carts.replace(changed(cart, next))
              : await insertOnce(carts, created(owner_id, next)),
          )
        } catch (error) {
          if (!isRefusal(error, 'version_moved') && !isRefusal(error, 'duplicate')) throw error
        }
        if (tries >= TRIES_AT_ONCE) await sleep(Math.random() * MAX_PAUSE_MS)
      }
      throw cartBusy()
    })
  }

  function created(owner_id: string, next: Partial<Cart>): New<Cart> {
    const now = clock.now()
    const at = timestamp(now)
    const base = { id: newId('crt', now), owner: owner_id, lines: [], merged: [], keys: [], created_at: at }
    return { ...base, ...next, ...usedOn(owner_id, at), updated_at: at }
  }

  function changed(cart: Cart, next: Partial<Cart>): Cart {
    const at = timestamp(clock.now())
    return { ...cart, ...next, ...usedOn(cart.owner, at), updated_at: at }
  }

  return { carts, find, change, changed }
}

/** Guests' carts expire by the day of their last use; a day and not a moment, so that the index rests. */
function usedOn(owner_id: string, at: string): Pick<Cart, 'used_on'> {
  return owner_id.startsWith('guest:') ? { used_on: dayOf(at) } : {}
}

/** The UTC day of a time. */
export function dayOf(at: string): string {
  return at.slice(0, 10)
}

function cartBusy(): Refusal {
  return new Refusal('unavailable', 'cart_busy', 'Too much happens to this cart at once; try again.', {
    retry_after_seconds: 1,
  })
}

function mergedAway(): Refusal {
  return new Refusal('conflict', 'cart_merged', 'This cart went into the cart of the account that signed in.')
}
