import type { Answer, Client } from './client.ts'
import type { Plan } from './plan.ts'
import { type Article, type ShopOptions, type Staff, said } from './staff.ts'
import type { Tally } from './tally.ts'

export interface PlacedOrder {
  id: string
  user_id: string
  invoice: string
  total: number
}

export interface Shopping {
  client: Client
  staff: Staff
  plan: Plan
  articles: readonly Article[]
  options: ShopOptions
  tally: Tally
  /** Filled by the shoppers, by invoice. */
  placed: Map<string, PlacedOrder[]>
  accounts: Map<string, Account>
}

export interface Account {
  user_id: string
  token: string
  since_ms: number
}

/** Thrown when the shop refuses what a shopper may do. */
export class Refused extends Error {}

/** The answer, when it has this status; throws `Refused` with `what` otherwise. */
export function expect(answer: Answer, status: number, what: string): Answer {
  if (answer.status !== status) throw new Refused(`${what}: ${said(answer)}`)
  return answer
}
