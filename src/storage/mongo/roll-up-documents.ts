import type { Fence, RollUp } from '../roll-ups.ts'

export const ROLL_UPS = 'roll_ups'
export const GROUP_POSITIONS = 'group_positions'

/**
 * A result of a consumer. Its body is kept as JSON text: it is keyed by SKUs and by names that visitors make up, with dots
 * and dollars in them. The fence is a text too, the same for the same entries, so that fences are compared exactly.
 */
export interface RollUpDocument {
  /** `name/id`. */
  _id: string
  fence: string
  body: string
}

export interface PositionDocument {
  /** `group/topic/partition`. */
  _id: string
  group: string
  topic: string
  partition: number
  offset: number
}

export function rollUpId(name: string, id: string): string {
  return `${name}/${id}`
}

/** All ids that begin with `name/`, and maybe only those from `from` or before `before`. */
export function idRange(name: string, { from = '', before }: { from?: string; before?: string } = {}) {
  // The sign behind the slash is the zero.
  return { $gte: rollUpId(name, from), $lt: before === undefined ? `${name}0` : rollUpId(name, before) }
}

export function toRollUp(name: string, { _id, fence, body }: RollUpDocument): RollUp {
  return { id: _id.slice(name.length + 1), fence: JSON.parse(fence) as Fence, body: JSON.parse(body) }
}
