import type { RefusalCode } from '../provider.ts'

/** What a method token makes the test provider do; the same each time. */
export type TokenEffect =
  /** `told`: whether the first call is answered; `copies`: of the notice. */
  | { effect: 'authorise'; told: boolean; copies: number }
  | { effect: 'refuse'; code: RefusalCode }
  | { effect: 'ask' }

const TOKENS: Record<string, TokenEffect> = {
  tok_success: { effect: 'authorise', told: true, copies: 1 },
  tok_declined: { effect: 'refuse', code: 'declined' },
  tok_insufficient_funds: { effect: 'refuse', code: 'insufficient_funds' },
  tok_requires_action: { effect: 'ask' },
  /** Done, but the first answer does not come. */
  tok_timeout: { effect: 'authorise', told: false, copies: 1 },
  tok_duplicate_webhook: { effect: 'authorise', told: true, copies: 2 },
}

export function effectOf(token: string): TokenEffect {
  return Object.hasOwn(TOKENS, token) ? TOKENS[token]! : { effect: 'refuse', code: 'invalid_method' }
}
