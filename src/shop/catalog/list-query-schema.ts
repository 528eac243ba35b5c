import { Type } from 'typebox'
import { MAX_AMOUNT } from '../../kernel/money.ts'
import { ATTRIBUTE_NAME, PRODUCT_STATUSES } from './schema.ts'

/** Orders of a list; a dash is for descending. */
export const PRODUCT_SORTS = [
  'relevance',
  '-created_at',
  'price',
  '-price',
  '-rating',
  '-sold',
  'name',
] as const
/** Longer than any search; of one so long only the first words count. */
const MAX_SEARCH_LENGTH = 6_000

/** Tells filters by attribute from the other parameters. */
export const ATTRIBUTE_PREFIX = 'attr.'
/** An attribute that is filtered by stands in the query as `attr.<name>`. */
export const ATTRIBUTE_PARAMETER = `^attr\\.${ATTRIBUTE_NAME.slice(1)}`

const Amount = { minimum: 0, maximum: MAX_AMOUNT }

/** Filters of a list as they stand in the query. */
export const productFilters = {
  q: Type.Optional(
    Type.String({
      maxLength: MAX_SEARCH_LENGTH,
      description:
        'Words that all occur, spelt as they are but for accents and case, the last one perhaps begun; the first 16 count. Empty: as without it',
    }),
  ),
  category: Type.Optional(
    Type.String({ maxLength: 64, description: 'Id or slug; with all categories below it' }),
  ),
  min_price: Type.Optional(
    Type.Integer({ ...Amount, description: 'In minor units, such as cents; this price counts in' }),
  ),
  max_price: Type.Optional(
    Type.Integer({ ...Amount, description: 'In minor units, such as cents; this price counts in' }),
  ),
  currency: Type.Optional(
    Type.String({
      pattern: '^[A-Z]{3}$',
      description: "ISO 4217 code of the prices asked for; the shop's if left out",
    }),
  ),
  in_stock: Type.Optional(Type.Boolean({ description: 'false: what is sold out' })),
  tag: Type.Optional(Type.String({ maxLength: 100 })),
  status: Type.Optional(
    Type.Enum([...PRODUCT_STATUSES], {
      description: 'For staff: drafts or archived products, newest first, without other filters',
    }),
  ),
}

/** What decides which products are in a list. */
export interface ProductFilter {
  q?: string
  category?: string
  min_price?: number
  max_price?: number
  currency?: string
  in_stock?: boolean
  tag?: string
  attributes: Record<string, string>
}
