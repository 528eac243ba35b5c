import { isStaff, type Principal } from '../../kernel/principal.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Change, createCartDocuments } from './documents.ts'
import { createFirstAnswers, shortened } from './first-answers.ts'
import { type RequestKey, versionMadeBy, withKey } from './key-rules.ts'
import type { createPricing } from './pricing.ts'
import {
  assertVersion,
  impliedSku,
  sameLines,
  sellableOrRefusal,
  withAdded,
  without,
  withoutOne,
  withSet,
} from './rules.ts'
import type {
  Cart,
  CartItemChange,
  CartLine,
  CartView,
  NewCartItem,
  Sellable,
  SellableAnswer,
} from './schema.ts'
import { contentOf, emptyView, viewOf } from './view-rules.ts'

interface Needs {
  documents: Pick<ReturnType<typeof createCartDocuments>, 'change' | 'find'>
  around: ReturnType<typeof createPricing>
  catalog: Pick<Catalog, 'sellables'>
  currency: string
}

export type CartOwner = Exclude<Principal, { kind: 'anonymous' }>

interface Edit {
  principal: CartOwner
  /** Version that the caller has seen, from If-Match. */
  expected_version?: number
}

export interface AddItem extends Edit {
  item: NewCartItem
  /** The Idempotency-Key with the request's fingerprint. */
  request_key?: RequestKey
  /** Another key to be remembered with it, for `hasTaken`. */
  told_as?: RequestKey
}

export interface CartAnswer {
  cart: CartView
  /** Whether this is the answer to an earlier request with the same key. */
  replayed: boolean
}

/** What shoppers do to their carts. The answer is made before the change is written, so that nothing is kept that could not be shown. */
export function createEditing({ documents, around, catalog, currency }: Needs) {
  const firstAnswers = createFirstAnswers()

  /** Adds pieces to the line of a SKU, once for each key. */
  async function addItem(wish: AddItem): Promise<CartAnswer> {
    const { principal, item, expected_version, request_key, told_as } = wish
    const key = request_key && shortened(request_key)
    const decide = async (cart: Cart | undefined, found: SellableAnswer): Promise<Change<CartAnswer>> => {
      const version = cart && key && versionMadeBy(cart, key)
      if (version !== undefined) return replayed(principal, cart!, key!, version)
      assertVersion(expected_version, cart)
      const sellable = sellableOrRefusal(found, currency)
      const lines = withAdded(cart?.lines ?? [], sellable, item.quantity)
      const taken = [key, told_as && shortened(told_as)].filter((one) => one !== undefined)
      const keys = taken.reduce((all, one) => withKey(all, one, (cart?.version ?? 0) + 1), cart?.keys ?? [])
      const show = await viewer(principal, lines, sellable)
      return {
        next: { lines, cut: undefined, ...(taken.length > 0 && { keys }) },
        answer(written) {
          const view = show(written!)
          if (key) firstAnswers.keep(key, view)
          return { cart: view, replayed: false }
        },
      }
    }
    return documents.change(principal.id, { decide, ahead: () => answerOf(item) })
  }

  /** Whether something was added under this key, as far as the cart remembers. */
  async function hasTaken({ id }: Pick<CartOwner, 'id'>, request_key: RequestKey): Promise<boolean> {
    const cart = await documents.find(id)
    return cart !== undefined && versionMadeBy(cart, shortened(request_key)) !== undefined
  }

  async function replayed(
    principal: CartOwner,
    cart: Cart,
    key: RequestKey,
    version: number,
  ): Promise<Change<CartAnswer>> {
    const first = firstAnswers.find(cart.id, key, version)
    const show = first ? () => first : await viewer(principal, cart.lines)
    return { answer: () => ({ cart: show(cart), replayed: true }) }
  }

  /** Sets the pieces of a line; 0 removes it. */
  function setItem(edit: Edit & { product_id: string; item: CartItemChange }): Promise<CartView> {
    return edited(edit, async (lines) => {
      const { product_id, item } = edit
      if (item.quantity === 0) return { lines: withoutOne(lines, product_id, item.sku) }
      const sku = item.sku ?? impliedSku(lines, product_id)
      const sellable = sellableOrRefusal(await answerOf({ product_id, sku }), currency)
      return { lines: withSet(lines, sellable, item.quantity), known: sellable }
    })
  }

  /** Removes one SKU of a product, or all of them when none is named. */
  function removeItem(edit: Edit & { product_id: string; sku?: string }): Promise<CartView> {
    return edited(edit, async (lines) => ({ lines: without(lines, edit.product_id, edit.sku) }))
  }

  function clear(edit: Edit): Promise<CartView> {
    return edited(edit, async () => ({ lines: [] }))
  }

  function edited(
    { principal, expected_version }: Edit,
    change: (lines: readonly CartLine[]) => Promise<{ lines: CartLine[]; known?: Sellable }>,
  ): Promise<CartView> {
    const decide = async (cart: Cart | undefined): Promise<Change<CartView>> => {
      assertVersion(expected_version, cart)
      const { lines, known } = await change(cart?.lines ?? [])
      if (!cart && lines.length === 0) return { answer: () => emptyView(currency) }
      const show = await viewer(principal, lines, known)
      const same = cart && !cart.cut && sameLines(cart.lines, lines)
      return { next: same ? undefined : { lines, cut: undefined }, answer: (written) => show(written!) }
    }
    return documents.change(principal.id, { decide })
  }

  /** Prices the lines before they are written; afterwards the cart's own fields are all that is missing. */
  async function viewer(
    principal: CartOwner,
    lines: readonly CartLine[],
    known?: Sellable,
  ): Promise<(cart: Cart) => CartView> {
    const content = contentOf(lines, await around(lines, { uncapped: isStaff(principal), known }))
    return (cart) => viewOf(cart, content)
  }

  async function answerOf(key: { product_id: string; sku?: string }): Promise<SellableAnswer> {
    const [answer] = await catalog.sellables([key])
    return answer!
  }

  return { addItem, hasTaken, setItem, removeItem, clear }
}
