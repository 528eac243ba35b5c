import { type Condition, otherConditions, priceConditions } from './listing-conditions.ts'
import { type Filter, rarestGroup, type TermGroup } from './listing-filter.ts'
import { NAMED_KINDS, type SortOrder } from './listing-sorts.ts'

/** Which ranges of which index to walk, and what the products met there must fulfil. */
export interface RangePlan {
  terms: number[]
  sort: SortOrder
  /** On the index's own columns: they end the walk. */
  bounds: Condition[]
  /** On a posting `d` and the row `l` behind it. */
  conditions: Condition[]
}

/** Chooses the ranges that meet the fewest products for this filter and order. */
export function planRanges(filter: Filter, sort: SortOrder): RangePlan {
  const driver = driverOf(filter, sort)
  const byPrice = sort.column === 'price'
  return {
    terms: driver.terms,
    sort,
    bounds: [
      ...(byPrice ? priceConditions(filter, '') : []),
      ...(sort.needs === '' ? [] : [{ sql: sort.needs, values: [] }]),
    ],
    conditions: [...(byPrice ? [] : priceConditions(filter, 'd.')), ...otherConditions(filter, driver)],
  }
}

/** Whether the group's postings are in the index of this order. */
export function isWalked(group: TermGroup, sort: SortOrder): boolean {
  return sort.every_kind || NAMED_KINDS.includes(group.kind)
}

/** The group with the fewest products whose postings are in the index; else all products. */
function driverOf(filter: Filter, sort: SortOrder): TermGroup {
  const rarest = rarestGroup({ ...filter, groups: filter.groups.filter((group) => isWalked(group, sort)) })
  // Many ranges cost a reading each; where their products are most of the shop, one walk over all meets them as soon.
  return rarest.terms.length * rarest.products > filter.all.products * 4 ? filter.all : rarest
}
