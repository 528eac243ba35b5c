import {
  type Answer,
  type Form,
  failure,
  type Intent,
  invalid,
  LIMITS,
  METHODS,
  type Method,
  metadataOf,
  PAGE,
  type Refund,
  shown,
} from './stripe-double-objects.ts'

const CONFIRMABLE = ['requires_payment_method', 'requires_confirmation', 'requires_action']

/** PaymentIntents and refunds, and what may be done to them. */
export function createAccount(url: () => string) {
  const intents: Intent[] = []
  const refunds: Refund[] = []
  let made = 0
  let pages = 0

  function create(form: Form): Answer {
    const amount = Number(form.amount)
    if (amount < LIMITS.least) return invalid('amount_too_small', 'amount')
    if (amount > LIMITS.most) return invalid('amount_too_large', 'amount')
    if (!/^[a-z]{3}$/.test(form.currency!)) return invalid(undefined, 'currency')
    // The last digit of three decimals; https://docs.stripe.com/currencies.
    if (['bhd', 'jod', 'kwd', 'omr', 'tnd'].includes(form.currency!) && amount % 10 !== 0)
      return invalid(undefined, 'amount')
    const intent: Intent = {
      ...{ id: `pi_${++made}`, object: 'payment_intent', livemode: false, status: 'requires_payment_method' },
      ...{ amount, amount_capturable: 0, amount_received: 0, currency: form.currency! },
      ...{ created: Math.floor(Date.now() / 1_000), metadata: metadataOf(form) },
      ...{ last_payment_error: null, next_action: null, latest_charge: null },
    }
    intents.push(intent)
    return ok(intent, form)
  }

  function confirm(intent: Intent, form: Form): Answer {
    if (!CONFIRMABLE.includes(intent.status)) return unexpected(intent)
    const { payment_method: method = '', return_url } = form
    const effect = Object.hasOwn(METHODS, method) ? METHODS[method]! : undefined
    if (effect === undefined) return invalid('resource_missing', 'payment_method')
    intent.next_action = null
    if (effect === 'ask' && form.error_on_requires_action === 'true')
      return declined(intent, { code: 'authentication_required', decline_code: 'authentication_required' })
    if (effect === 'ask') {
      const page = `${url()}${PAGE}${intent.id}.${++pages}`
      intent.status = 'requires_action'
      intent.next_action =
        return_url === undefined
          ? { type: 'use_stripe_sdk', use_stripe_sdk: {} }
          : { type: 'redirect_to_url', redirect_to_url: { url: page, return_url } }
      return ok(intent, form)
    }
    if (effect === 'wait') {
      intent.status = 'processing'
      return ok(intent, form)
    }
    if (effect !== 'yes') return declined(intent, effect)
    hold(intent)
    return ok(intent, form)
  }

  function hold(intent: Intent): void {
    const { id, amount, currency, metadata } = intent
    const charge = {
      id: `ch_${++made}`,
      object: 'charge',
      amount,
      amount_captured: 0,
      amount_refunded: 0,
    } as const
    intent.latest_charge = { ...charge, currency, payment_intent: id, metadata }
    Object.assign(intent, { status: 'requires_capture', amount_capturable: amount, next_action: null })
  }

  function declined(intent: Intent, why: object): Answer {
    intent.status = 'requires_payment_method'
    intent.last_payment_error = { type: 'card_error', ...why }
    return failure(402, { type: 'card_error', ...why })
  }

  function capture(intent: Intent, form: Form): Answer {
    if (intent.status !== 'requires_capture') return unexpected(intent)
    const amount = Number(form.amount_to_capture ?? intent.amount)
    if (amount > intent.amount_capturable) return invalid('amount_too_large', 'amount_to_capture')
    Object.assign(intent.metadata, metadataOf(form))
    intent.latest_charge!.amount_captured = amount
    Object.assign(intent, { status: 'succeeded', amount_capturable: 0, amount_received: amount })
    return ok(intent, form)
  }

  function cancel(intent: Intent, form: Form): Answer {
    if (['processing', 'succeeded', 'canceled'].includes(intent.status)) return unexpected(intent)
    Object.assign(intent, { status: 'canceled', amount_capturable: 0, next_action: null })
    return ok(intent, form)
  }

  function giveBack(form: Form): Answer {
    const intent = intents.find(({ id }) => id === form.payment_intent)
    if (!intent) return missing('payment_intent')
    if (intent.status !== 'succeeded') return invalid(undefined, 'payment_intent')
    const amount = Number(form.amount)
    const charge = intent.latest_charge!
    const left = charge.amount_captured - charge.amount_refunded
    if (left === 0) return invalid('charge_already_refunded')
    if (amount > left) return invalid(undefined, 'amount')
    charge.amount_refunded += amount
    const refund: Refund = {
      ...{ id: `re_${++made}`, object: 'refund', amount, status: 'succeeded' },
      ...{ payment_intent: intent.id, metadata: metadataOf(form) },
    }
    refunds.unshift(refund)
    const payment_intent = shown(intent, form, 'payment_intent.latest_charge')
    return { status: 200, body: { ...refund, payment_intent } }
  }

  function list(form: Form): Answer {
    const since = Number(form['created[gte]'] ?? 0)
    const all = intents.toReversed().filter(({ created }) => created >= since)
    const from = form.starting_after ? all.findIndex(({ id }) => id === form.starting_after) + 1 : 0
    const limit = Number(form.limit ?? 10)
    if (limit > 100) return invalid('parameter_invalid_integer', 'limit')
    const data = all.slice(from, from + limit).map((intent) => shown(intent, form, 'data.latest_charge'))
    return { status: 200, body: { object: 'list', data, has_more: from + limit < all.length } }
  }

  return {
    intents,
    refunds,
    ask(method: Method, path: string, form: Form): Answer {
      const [, resource, id, action] = path.split('/').slice(1)
      if (resource === 'refunds') {
        if (method === 'POST') return giveBack(form)
        const own = refunds.filter(({ payment_intent }) => payment_intent === form.payment_intent)
        const data = own.slice(0, Number(form.limit ?? 10))
        return { status: 200, body: { object: 'list', data, has_more: data.length < own.length } }
      }
      if (resource !== 'payment_intents') return missing('path')
      if (id === undefined) return method === 'POST' ? create(form) : list(form)
      const intent = intents.find((one) => one.id === id)
      if (!intent) return missing('intent')
      if (action === undefined) return ok(intent, form)
      return { confirm, capture, cancel }[action as 'confirm'](intent, form)
    },
    /** The browser says yes or no on a page; only the page of the last try counts, and once. */
    act(page: string, succeeded: boolean): void {
      const intent = intents.find(({ id }) => id === page.split('.')[0])
      const current = JSON.stringify(intent?.next_action ?? null).includes(`${PAGE}${page}"`)
      if (!intent || !current) return
      if (succeeded) {
        hold(intent)
        return
      }
      const code = 'payment_intent_authentication_failure'
      Object.assign(intent, {
        status: 'requires_payment_method',
        next_action: null,
        last_payment_error: { code },
      })
    },
  }
}

function ok(intent: Intent, form: Form): Answer {
  return { status: 200, body: shown(intent, form) }
}

function missing(param: string): Answer {
  return failure(404, { type: 'invalid_request_error', code: 'resource_missing', param })
}

function unexpected(intent: Intent): Answer {
  return failure(400, {
    ...{ type: 'invalid_request_error', code: 'payment_intent_unexpected_state' },
    // As Stripe does it, also where the method is not what is wrong.
    ...{ param: 'payment_method', payment_intent: { ...intent, latest_charge: null } },
  })
}
