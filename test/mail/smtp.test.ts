import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { OutgoingMail } from '../../src/mail/mailer.ts'
import { createSmtpMailer } from '../../src/mail/smtp/smtp-mailer.ts'
import { startSmtp, type TestSmtp } from '../servers/smtp.ts'

const FROM = { name: 'Shop "at" sea', address: 'orders@shop.example' }
const MAIL: OutgoingMail = {
  message_id: '<welcome.usr_1@shop.example>',
  owner: 'usr_1',
  to: 'ada@example.org',
  subject: 'Grüße',
  text: 'Hello\n',
  html: '<p>Hello</p>\n',
  date: Date.UTC(2026, 0, 2),
}
const never = new AbortController().signal

let smtp: TestSmtp
before(async () => {
  smtp = await startSmtp()
})
beforeEach(() => smtp.behave({}))
after(() => smtp.stop())

test('a mail arrives in text and HTML, with the Message-ID and the date that it was given', async () => {
  const mailer = createSmtpMailer({ url: smtp.url, from: FROM })
  assert.deepEqual(await mailer.send(MAIL, never), { state: 'taken' })
  const { message_id, to, raw } = smtp.received.at(-1)!
  assert.equal(message_id, MAIL.message_id)
  assert.deepEqual(to, [MAIL.to])
  assert.match(raw, /^To: ada@example\.org\r$/m)
  assert.match(raw, /^Date: Fri, 02 Jan 2026 00:00:00 \+0000\r$/m)
  assert.match(raw, /^Auto-Submitted: auto-generated\r$/m)
  assert.match(
    raw,
    /^Content-Type: text\/plain; charset=utf-8\r\n[\s\S]*^Content-Type: text\/html; charset=utf-8\r$/m,
  )
})

test('API8-11 no line break in a subject or an address becomes a header or a command', async () => {
  const mailer = createSmtpMailer({ url: smtp.url, from: FROM })
  const evil = 'x\r\nBcc: victim@example.org\r\n\r\nbody'
  assert.equal((await mailer.send({ ...MAIL, subject: evil }, never)).state, 'taken')
  const { raw, to } = smtp.received.at(-1)!
  assert.deepEqual(to, [MAIL.to])
  assert.ok(!/^Bcc:/im.test(raw))
  await mailer.send({ ...MAIL, to: 'a@x.org\r\nRCPT TO:<victim@example.org>' }, never)
  assert.ok(smtp.received.every((mail) => !mail.to.includes('victim@example.org')))
})

test('what the server says of a mail for good, for now and not at all is told apart, without the address', async () => {
  const mailer = createSmtpMailer({ url: smtp.url, from: FROM })
  const send = async () => {
    const handover = await mailer.send(MAIL, never)
    assert.ok(!JSON.stringify(handover).includes(MAIL.to))
    return handover.state
  }
  smtp.behave({ recipient: { code: 550, text: `no such mailbox ${MAIL.to}` } })
  assert.equal(await send(), 'refused')
  smtp.behave({ content: { code: 554, text: 'spam' } })
  assert.equal(await send(), 'refused')
  smtp.behave({ recipient: { code: 450, text: 'come again' } })
  assert.equal(await send(), 'later')
  smtp.behave({ content: { code: 451, text: 'come again' } })
  assert.equal(await send(), 'later')
  smtp.behave({ hangsUp: true })
  assert.equal(await send(), 'away')
  await smtp.goAway()
  assert.equal(await send(), 'away')
  await smtp.comeBack()
})

test('what a server says of an address is not told in any spelling of it', async () => {
  const mailer = createSmtpMailer({ url: smtp.url, from: FROM })
  const spelled = 'kaese@xn--bcher-kva.example'
  smtp.behave({ recipient: { code: 550, text: `5.1.1 <${spelled}>: ${spelled.toUpperCase()} is unknown` } })
  const handover = await mailer.send({ ...MAIL, to: 'kaese@bücher.example' }, never)
  assert.deepEqual(handover, { state: 'refused', reason: '550 5.1.1 <…>: … is unknown' })
})

test('a handover that is given up ends at once', async () => {
  const mailer = createSmtpMailer({ url: smtp.url, from: FROM })
  assert.equal((await mailer.send(MAIL, AbortSignal.abort())).state, 'later')
})

test('a password is never said over a wire that others may read', async (t) => {
  let asked = 0
  const listening = await startSmtp({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth(_auth, _session, callback) {
      asked++
      callback(null, { user: 'shop' })
    },
  })
  t.after(() => listening.stop())
  // An address that leads here and is not known for it.
  const url = `smtp://shop:password@0.0.0.0:${listening.port}`
  const mailer = createSmtpMailer({ url, from: FROM })
  assert.equal((await mailer.send(MAIL, never)).state, 'away')
  assert.equal(asked, 0)
  const own = createSmtpMailer({ url: url.replace('0.0.0.0', '127.0.0.1'), from: FROM })
  assert.equal((await own.send(MAIL, never)).state, 'taken')
  assert.equal(asked, 1)
})
