import type { Orders } from '../orders/orders.ts'
import type { PersonalPart } from './schema.ts'

interface AnswersNeeds {
  /** Forgets the first answers that are kept about a person or an order, whoever they were given to. */
  forget(about: string): Promise<void>
  orders: Pick<Orders['persons'], 'ids'>
}

/** What is kept of answers about a person: those that name them, and those about their orders. */
export function answersAbout({ forget, orders }: AnswersNeeds): PersonalPart {
  return {
    async forget(user_id) {
      await forget(user_id)
      for await (const order_id of orders.ids(user_id)) await forget(order_id)
    },
  }
}
