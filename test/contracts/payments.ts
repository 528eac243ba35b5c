import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { Outcome, PaymentObject, PaymentProvider } from '../../src/payments/provider.ts'

/** A provider of the test's own, and methods of payment that make it do what they are named for. */
export interface ProviderWorld {
  provider: PaymentProvider
  methods: Record<'success' | 'declined' | 'asks', string>
  /** What the customer's browser does at an address that the provider named. */
  act(url: string, succeeded: boolean): Promise<void>
}

let orders = 0
const newOrder = () => `ord_${process.pid}_${++orders}`

/** What checkout rests on, for every provider. */
export function providerContract(name: string, open: (t: TestContext) => Promise<ProviderWorld>): void {
  describe(`the provider ${name}`, () => {
    it('holds, takes and gives back money, and tells how it stands', async (t) => {
      const { provider, methods } = await open(t)
      const order_id = newOrder()
      const made = done(
        await provider.create({ key: `${order_id}:create:1`, order_id, amount: 4_200, currency: 'EUR' }),
      )
      assert.deepEqual(
        [made.order_id, made.amount, made.currency, made.state, made.captured, made.refunded],
        [order_id, 4_200, 'EUR', 'new', 0, 0],
      )
      const on = (operation: string) => ({ key: `${order_id}:${operation}`, object_id: made.id })
      assert.equal(
        done(await provider.authorise({ ...on('authorise:1'), method: methods.success })).state,
        'authorised',
      )
      const taken = done(await provider.capture({ ...on('capture:1'), amount: 4_200 }))
      assert.deepEqual([taken.state, taken.captured], ['captured', 4_200])
      assert.equal(done(await provider.refund({ ...on('refund:1'), amount: 1_200 })).refunded, 1_200)
      assert.equal(done(await provider.refund({ ...on('refund:2'), amount: 3_000 })).refunded, 4_200)
      assert.deepEqual(await provider.find(made.id), { ...taken, refunded: 4_200 })
    })

    it('answers a repeat under a key as the first, and does it once', async (t) => {
      const { provider, methods } = await open(t)
      const order_id = newOrder()
      const create = { key: `${order_id}:create:1`, order_id, amount: 100, currency: 'EUR' }
      const both = await Promise.all([provider.create(create), provider.create(create)])
      assert.equal(done(both[0]).id, done(both[1]).id)
      const object_id = done(both[0]).id
      const authorise = { key: `${order_id}:authorise:1`, object_id, method: methods.success }
      const capture = { key: `${order_id}:capture:1`, object_id, amount: 100 }
      const refund = { key: `${order_id}:refund:1`, object_id, amount: 40 }
      for (let time = 1; time <= 2; time++) {
        done(await provider.authorise(authorise))
        done(await provider.capture(capture))
        done(await provider.refund(refund))
      }
      const { captured, refunded } = (await provider.find(object_id))!
      assert.deepEqual([captured, refunded], [100, 40])
    })

    it('never takes more than it held, nor gives back more than it took', async (t) => {
      const { provider, methods } = await open(t)
      const { on, object } = await held({ provider, methods }, 500)
      refused(await provider.refund({ ...on('refund:early'), amount: 1 }), 'wrong_state')
      refused(await provider.capture({ ...on('capture:much'), amount: 501 }), 'too_much')
      done(await provider.capture({ ...on('capture:1'), amount: 500 }))
      refused(await provider.capture({ ...on('capture:2'), amount: 500 }), 'wrong_state')
      const refunds = await Promise.all(
        Array.from({ length: 8 }, (_, n) => provider.refund({ ...on(`refund:${n}`), amount: 200 })),
      )
      assert.equal(refunds.filter(({ outcome }) => outcome === 'done').length, 2)
      const { captured, refunded } = (await provider.find(object.id))!
      assert.deepEqual([captured, refunded], [500, 400])
    })

    it('refuses a cancelled object for ever, and cancels nothing that it took', async (t) => {
      const { provider, methods } = await open(t)
      const first = await made(provider, 100)
      done(await provider.cancel(first.on('cancel:1')))
      done(await provider.cancel(first.on('cancel:1')))
      refused(await provider.authorise({ ...first.on('authorise:1'), method: methods.success }), 'cancelled')
      const second = await held({ provider, methods }, 100)
      assert.equal(done(await provider.cancel(second.on('cancel:1'))).state, 'cancelled')
      refused(await provider.capture({ ...second.on('capture:1'), amount: 100 }), 'cancelled')
      const third = await held({ provider, methods }, 100)
      done(await provider.capture({ ...third.on('capture:1'), amount: 100 }))
      refused(await provider.cancel(third.on('cancel:1')), 'wrong_state')
    })

    it('says no to one method and yes to the next, and tells the no again', async (t) => {
      const { provider, methods } = await open(t)
      const { on, object } = await made(provider, 100)
      const no = { ...on('authorise:1'), method: methods.declined }
      refused(await provider.authorise(no), 'declined')
      refused(await provider.authorise(no), 'declined')
      assert.equal((await provider.find(object.id))!.state, 'new')
      done(await provider.authorise({ ...on('authorise:2'), method: methods.success }))
      refused(await provider.authorise(no), 'declined')
    })

    it('asks the browser first, and a repeat tells what came of it', async (t) => {
      const { provider, methods, act } = await open(t)
      for (const succeeded of [true, false]) {
        const { on, object } = await made(provider, 100)
        const request = { ...on('authorise:1'), method: methods.asks }
        const { url } = asked(await provider.authorise(request))
        assert.equal(asked(await provider.authorise(request)).url, url)
        assert.equal((await provider.find(object.id))!.state, 'needs_action')
        await act(url, succeeded)
        await act(url, !succeeded)
        if (succeeded) assert.equal(done(await provider.authorise(request)).state, 'authorised')
        else {
          refused(await provider.authorise(request), 'authentication_failed')
          done(await provider.authorise({ ...on('authorise:2'), method: methods.success }))
        }
      }
    })

    it('lets nobody finish in the browser what was cancelled meanwhile', async (t) => {
      const { provider, methods, act } = await open(t)
      const { on, object } = await made(provider, 100)
      const request = { ...on('authorise:1'), method: methods.asks }
      const { url } = asked(await provider.authorise(request))
      done(await provider.cancel(on('cancel:1')))
      await act(url, true)
      assert.equal((await provider.authorise(request)).outcome, 'refused')
      assert.equal((await provider.find(object.id))!.state, 'cancelled')
    })

    it('lists its objects from a time on, each once, page by page', async (t) => {
      const { provider } = await open(t)
      const ids: string[] = []
      for (let n = 0; n < 7; n++) ids.push((await made(provider, 100)).object.id)
      const found: PaymentObject[] = []
      for (let after: PaymentObject | null = null; ; ) {
        const page: PaymentObject[] = await provider.list(0, after, 3)
        found.push(...page)
        if (page.length < 3) break
        after = page.at(-1)!
      }
      assert.deepEqual(found.map(({ id }) => id).sort(), ids.sort())
      assert.deepEqual(await provider.list(Date.now() + 3_600_000, null, 3), [])
      assert.equal(await provider.find('nothing'), undefined)
    })
  })
}

async function made(provider: PaymentProvider, amount: number) {
  const order_id = newOrder()
  const object = done(
    await provider.create({ key: `${order_id}:create:1`, order_id, amount, currency: 'EUR' }),
  )
  return { object, on: (operation: string) => ({ key: `${order_id}:${operation}`, object_id: object.id }) }
}

async function held({ provider, methods }: Pick<ProviderWorld, 'provider' | 'methods'>, amount: number) {
  const one = await made(provider, amount)
  done(await provider.authorise({ ...one.on('authorise:1'), method: methods.success }))
  return one
}

function done(outcome: Outcome): PaymentObject {
  assert.equal(outcome.outcome, 'done', JSON.stringify(outcome))
  return (outcome as Extract<Outcome, { outcome: 'done' }>).object
}

function refused(outcome: Outcome, code: string): void {
  assert.equal(outcome.outcome, 'refused', JSON.stringify(outcome))
  assert.equal((outcome as Extract<Outcome, { outcome: 'refused' }>).code, code)
}

function asked(outcome: Outcome) {
  assert.equal(outcome.outcome, 'needs_action', JSON.stringify(outcome))
  return (outcome as Extract<Outcome, { outcome: 'needs_action' }>).action
}
