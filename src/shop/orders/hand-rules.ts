import { isStaff, type UserPrincipal } from '../../kernel/principal.ts'
import type { Hand } from './step-rules.ts'

/** Who wants a change, as the order remembers it. */
export function handOf(principal: UserPrincipal, note: string | undefined): Hand {
  return { by: principal.id, ...(isStaff(principal) && { staff: true as const }), ...(note && { note }) }
}
