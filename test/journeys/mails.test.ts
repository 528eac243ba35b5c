import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everything } from '../support/log.ts'
import { tokenIn } from '../support/mailer.ts'
import { PASSWORD } from '../support/shop.ts'
import { until } from '../support/until.ts'
import { mailShop, usd } from './mail-world.ts'

const world = mailShop()
const { mailed, ordered, product, changed, to } = world

test('a new customer is welcomed, with a link to confirm the address', async () => {
  const ann = await world.shop().registerCustomer({ name: 'Ann http://evil.example' })
  const { subject, text, html } = await mailed(ann.email, 'welcome')
  assert.equal(subject, 'Welcome to Lamps & Co')
  assert.match(text, /https:\/\/lamps\.example\/verify-email#token=\S+/)
  assert.match(html, /<a href="https:\/\/lamps\.example\/verify-email#token=[^"]+"/)
  assert.ok(!text.includes('evil'), 'strangers have no words of their own mailed')
})

test('an order is mailed about when it is confirmed and shipped, and what anybody wrote is shown as text', async () => {
  const ann = await world.confirmedCustomer()
  const items = [{ product_id: await product({ name: '<img onerror=alert(1)> & Lamp' }), quantity: 2 }]
  const { id, number } = await ordered(ann, { items })
  const confirmed = await mailed(ann.email, 'order_confirmed')
  assert.equal(confirmed.message_id, `<order_confirmed.${id}@lamps.example>`)
  assert.equal(confirmed.subject, `Order ${number} is confirmed`)
  assert.match(confirmed.text, /2 × <img onerror=alert\(1\)> & Lamp: USD 40\.00/)
  assert.match(confirmed.text, /To: Ann, High Street 1, LS1 Leeds, GB/)
  assert.match(confirmed.html, /2 × &lt;img onerror=alert\(1\)&gt; &amp; Lamp/)
  assert.ok(!confirmed.html.includes('<img'))

  await changed(id, { status: 'processing' })
  const tracking = { carrier: 'Ship', number: 'S1', url: 'https://ship.example/S1?a="b' }
  await changed(id, { status: 'shipped', tracking })
  const shipped = await mailed(ann.email, 'order_shipped')
  assert.match(shipped.text, /Carrier: Ship\nNumber: S1/)
  assert.match(shipped.html, /href="https:\/\/ship\.example\/S1\?a=&quot;b"/)
  await changed(id, { status: 'delivered' })
  await world.shop().caughtUp()
  assert.deepEqual(
    to(ann.email).map(({ kind }) => kind),
    ['welcome', 'order_confirmed', 'order_shipped'],
  )
})

test('an order tells an address that nobody has confirmed no word of whoever ordered', async () => {
  const mallory = await world.shop().registerCustomer({ email: 'victim@bank.example' })
  const shipping_address = {
    ...{ name: 'Your account is locked: https://evil.example/login', line1: 'within 24 hours' },
    ...{ city: 'evil.example', postal_code: '1', country: 'GB' },
  }
  const items = [{ product_id: await product(), quantity: 1 }]
  const { number } = await ordered(mallory, { items, shipping_address })
  const { text, html } = await mailed(mallory.email, 'order_confirmed')
  assert.match(text, new RegExp(`Your order ${number} is confirmed[^]*1 × Lamp: USD 20\\.00`))
  assert.ok(!/evil|locked/.test(text + html))
})

test('who cancels while no server takes mails hears of the cancellation alone', async () => {
  const ann = await world.shop().registerCustomer()
  await mailed(ann.email, 'welcome')
  const items = [{ product_id: await product(), quantity: 1 }]
  await world.smtp().goAway()
  const { id } = await ordered(ann, { items })
  await until(async () => (await ann.post(`/orders/${id}/cancel`)).status === 200)
  await world.shop().caughtUp()
  await world.smtp().comeBack()
  world.pass(60_000)
  await mailed(ann.email, 'order_cancelled')
  assert.deepEqual(
    to(ann.email).map(({ kind }) => kind),
    ['welcome', 'order_cancelled'],
  )
})

test('a customer hears of an order that is cancelled and of each refund', async () => {
  const ann = await world.shop().registerCustomer()
  const items = [{ product_id: await product(), quantity: 2 }]
  const { id } = await ordered(ann, { items, payment_method: 'card' })
  assert.deepEqual(
    to(ann.email).filter(({ kind }) => kind === 'order_confirmed'),
    [],
    'not before it is paid',
  )
  assert.equal((await ann.post(`/orders/${id}/payments`, { method: 'tok_success' })).status, 201)
  assert.match((await mailed(ann.email, 'order_confirmed')).text, /It is paid by card\./)
  await until(async () => (await ann.get(`/orders/${id}`)).body.payment_status === 'paid')
  const refund = { amount: usd(1_500), reason: 'Scratched' }
  await until(async () => (await world.staff().post(`/orders/${id}/refunds`, refund)).status === 201)
  const first = await mailed(ann.email, 'order_refunded')
  assert.match(first.text, /We gave back USD 15\.00 of your order/)
  assert.ok(!first.text.includes('Scratched'), 'why is for staff')
  assert.equal((await ann.post(`/orders/${id}/cancel`)).status, 200)
  await mailed(ann.email, 'order_cancelled')
  assert.match((await mailed(ann.email, 'order_refunded', 2)).text, /USD 25\.00/)
})

test('mails wait for a server that is away for an hour, and then each arrives once', async () => {
  const people = []
  await world.smtp().goAway()
  for (let count = 0; count < 8; count++) people.push(await world.shop().registerCustomer())
  const failing = async () => {
    const { status, body } = await world.shop().asGuest().get('/health')
    return status === 503 && body.checks.mail.status === 'failing'
  }
  for (let minute = 0; minute < 60; minute += 10) {
    world.pass(10 * 60_000)
    await until(failing)
  }
  await world.smtp().comeBack()
  world.pass(60_000)
  for (const { email } of people) await mailed(email, 'welcome')
  await world.shop().caughtUp()
  assert.equal(people.flatMap(({ email }) => to(email)).length, people.length)
  await until(async () => (await world.shop().asGuest().get('/health')).status === 200)
})

test('staff see what was refused for good, without the address', async () => {
  world.smtp().behave({ recipient: { code: 550, text: 'no such mailbox' } })
  const ann = await world.shop().registerCustomer()
  const attention = async () => (await world.staff().get('/admin/attention')).body.items
  await until(async () => (await attention()).length === 1)
  const [item] = await attention()
  assert.equal(item.kind, 'mail_failed')
  assert.match(item.message, new RegExp(`welcome:${ann.user.id} .*no such mailbox`))
  assert.ok(!item.message.includes(ann.email))
  assert.ok(
    world.shop().warnings.some(({ details }) => 'alert' in details && details.alert === 'mail_failed'),
  )
  world.smtp().behave({})
})

test('who did not change a password or an e-mail hears of it where mail has come so far', async () => {
  const ann = await world.shop().registerCustomer()
  const change = { current_password: PASSWORD, new_password: 'another horse' }
  assert.equal((await ann.post('/auth/change-password', change)).status, 200)
  assert.match((await mailed(ann.email, 'password_changed')).text, /was changed just now/)
  await world.shop().asGuest().post('/auth/forgot-password', { email: ann.email })
  const reset = { token: tokenIn(await mailed(ann.email, 'password_reset')), new_password: 'a third horse' }
  assert.equal((await world.shop().asGuest().post('/auth/reset-password', reset)).status, 204)
  await mailed(ann.email, 'password_changed', 2)

  const email = `new-${ann.email}`
  const me = await world.shop().asGuest().post('/auth/login', { email: ann.email, password: 'a third horse' })
  const again = world.shop().withToken(me.body.access_token)
  await again.post('/auth/change-email', { current_password: 'a third horse', new_email: email })
  const token = tokenIn(await mailed(email, 'email_change'))
  assert.equal(to(ann.email).filter(({ kind }) => kind === 'email_changed').length, 0)
  assert.equal((await again.post('/auth/verify-email', { token })).status, 200)
  assert.match((await mailed(ann.email, 'email_changed')).subject, /was changed/)
})

test('neither the log of events nor that of the server tells an address or a token', async () => {
  const ann = await world.shop().registerCustomer()
  await world.shop().asGuest().post('/auth/forgot-password', { email: ann.email })
  await ann.post('/auth/change-email', { current_password: 'correct horse', new_email: 'new-ann@x.org' })
  const { text } = await mailed('new-ann@x.org', 'email_change')
  await mailed(ann.email, 'password_reset')
  const token = /#token=(\S+)/.exec(text)![1]!
  await ann.post('/auth/verify-email', { token })
  await world.shop().caughtUp()
  const topics = ['ecommerce-user-events', 'ecommerce-orders', 'ecommerce-payments'] as const
  const told = JSON.stringify([await everything(world.shop().application.log, topics), world.shop().warnings])
  for (const secret of [ann.email, 'new-ann@x.org', token]) assert.ok(!told.includes(secret))
})
