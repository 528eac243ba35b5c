import type { TestContext } from 'node:test'
import type { CloudEvent } from '../../src/kernel/event.ts'
import { newId } from '../../src/kernel/ids.ts'
import { createMails } from '../../src/shop/mails/mails.ts'
import { MAIL_ALLOWANCES, MAILS } from '../../src/shop/mails/schema.ts'
import type { Order } from '../../src/shop/orders/schema.ts'
import type { User } from '../../src/shop/users/schema.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { testClock } from '../support/accounts.ts'
import { SILENT } from '../support/log.ts'
import { type TestMailer, testMailer } from '../support/mailer.ts'
import { openTestStorage } from '../support/storage.ts'

export const USER_ID = newId('usr')

/** An order of lamps, in cash, as far as mails tell of it. */
export function order(fields: Partial<Order> = {}): Order {
  return {
    ...{ id: newId('ord'), number: 'TW-1', user_id: USER_ID, status: 'pending', currency: 'USD' },
    lines: [{ name: 'Lamp', options: {}, quantity: 1, line_total: 2_000 }],
    ...{ subtotal: 2_000, shipping: 0, tax: 0, discount: 0, total: 2_000 },
    payment_method: 'cash_on_delivery',
    ...fields,
  } as Order
}

/** Mails alone, of people who are all there, on a storage of their own with a clock that can be turned. */
export async function openMails(t: TestContext) {
  const clock = testClock()
  const { storage } = await openTestStorage(t, [MAILS, MAIL_ALLOWANCES], clock)

  /** By id; each may be changed. */
  const orders = new Map<string, Order>()

  /** One of the nodes that send them; `account` says of a person what is not as usual. */
  function node(
    options: { storage?: Storage; mailer?: TestMailer; account?(id: string): Partial<User> } = {},
  ) {
    const mailer = options.mailer ?? testMailer()
    const mails = createMails({
      storage: options.storage ?? storage,
      mailer,
      from: { name: 'Shop', address: 'shop@tests.example' },
      users: {
        find: async (id) =>
          ({ id, status: 'active', email: `${id}@tests.example`, ...options.account?.(id) }) as User,
        stampOf: () => '1.0',
      },
      orders: { find: async (id) => orders.get(id) },
      linkToken: () => 'token',
      base_url: 'https://shop.tests.example',
      order_mails: true,
      clock,
      logger: SILENT,
    })
    return {
      ...{ ...mails, mailer },
      /** The events come from the log. */
      hear: (events: readonly CloudEvent[]) => mails.reaction.handle(events, []),
      ids: () => mailer.taken.map(({ message_id }) => message_id),
    }
  }

  const registered = (user_id: string, fields: Partial<CloudEvent> = {}) =>
    ({
      ...{ id: newId('evt'), type: 'user_registered', time: new Date(clock.now()).toISOString() },
      ...{ actor: user_id, data: { user_id } },
      ...fields,
    }) as CloudEvent

  /** An order comes to a status, and the event tells of it. */
  function moved(order: Order, status: Order['status']): CloudEvent {
    const { id: order_id, status: status_before } = order
    orders.set(order_id, Object.assign(order, { status }))
    const type = status === 'cancelled' ? 'order_cancelled' : 'order_updated'
    return registered(USER_ID, {
      type,
      data: { user_id: USER_ID, order_id, status, status_before, reason: 'customer' },
    })
  }

  return { clock, storage, node, registered, moved, stored: storage.collection(MAILS) }
}
