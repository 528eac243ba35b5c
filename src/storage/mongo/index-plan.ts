import type { Document } from 'mongodb'

/** An index that must be there; `bootstrap.sh` makes it and the start checks it. */
export interface IndexPlan {
  collection: string
  key: Record<string, 1 | -1>
  name: string
  unique?: boolean
  sparse?: boolean
  partialFilterExpression?: Document
}
