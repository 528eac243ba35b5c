import { Refusal } from '../../kernel/errors.ts'

export function slugTaken(): Refusal {
  return new Refusal('conflict', 'slug_taken', 'Another product has this slug.')
}

export function skuTaken(): Refusal {
  return new Refusal(
    'conflict',
    'sku_taken',
    'Another product, perhaps an archived one, has one of these SKUs.',
  )
}

export function versionMoved(): Refusal {
  return new Refusal('version_conflict', 'version_moved', 'It has changed since you read it; read it again.')
}

export function stockFrozen(): Refusal {
  return new Refusal(
    'unavailable',
    'stock_frozen',
    'The stock of this product is frozen until its books are mended.',
  )
}

export function stockReserved(skus: string[]): Refusal {
  const message = 'The product is saved, but orders hold more of these SKUs than the new stock would leave.'
  return new Refusal('conflict', 'stock_reserved', message, { extra: { skus } })
}

export function productNotFound(): Refusal {
  return new Refusal('not_found', 'product_not_found', 'There is no such product.')
}

/** Changes that came first too often. */
export function busy(): Refusal {
  return new Refusal('unavailable', 'busy', 'Too many changes at once; try again.', {
    retry_after_seconds: 1,
  })
}

/** `positions` are places in `category_ids`. */
export function unknownCategories(positions: readonly number[]): Refusal {
  const errors = positions.map((at) => ({
    pointer: `/category_ids/${at}`,
    code: 'unknown_category',
    message: 'There is no such category.',
  }))
  return new Refusal('invalid', 'invalid_body', 'The body does not fit; `errors` names each fault.', {
    errors,
  })
}

export function categoryNotFound(): Refusal {
  return new Refusal('not_found', 'category_not_found', 'There is no such category.')
}
