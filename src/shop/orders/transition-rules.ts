import { Refusal } from '../../kernel/errors.ts'

export interface Transition {
  /** What is to move, as `An order`. */
  what: string
  from: string
  to: string
  /** Where it may go. */
  allowed: readonly string[]
  /** Under which name the answer tells where it is. */
  told_as: 'order_status' | 'return_state'
}

/** The refusal of a move that a graph does not have, naming those that it has. */
export function notAllowed({ what, from, to, allowed, told_as }: Transition): Refusal {
  const choice = allowed.length > 0 ? `it may become ${allowed.join(' or ')}` : 'it cannot be changed now'
  return new Refusal(
    'conflict',
    'transition_not_allowed',
    `${what} that is ${from} cannot become ${to}; ${choice}.`,
    { extra: { [told_as]: from, allowed_transitions: allowed } },
  )
}
