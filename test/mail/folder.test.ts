import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createFolderMailer } from '../../src/mail/folder/folder-mailer.ts'
import type { OutgoingMail } from '../../src/mail/mailer.ts'
import { temporaryDirectory } from '../support/storage.ts'

const FROM = { name: 'Shop', address: 'orders@shop.example' }
const never = new AbortController().signal

function mail(owner: string, kind: string): OutgoingMail {
  return {
    message_id: `<${kind}.${owner}@shop.example>`,
    owner,
    to: `${owner}@example.org`,
    subject: kind,
    text: 'Hello\n',
    html: '<p>Hello</p>\n',
    date: 0,
  }
}

test('without a server a mail lies in a file that only its owner reads, once however often it comes', async (t) => {
  const folder = join(temporaryDirectory(t), 'mail')
  const mailer = createFolderMailer({ folder, from: FROM })
  const welcome = mail('usr_1', 'welcome')
  const first = await mailer.send(welcome, never)
  assert.deepEqual(await mailer.send(welcome, never), first)
  const file = join(folder, 'usr_1.welcome.usr_1.eml')
  assert.deepEqual(first, { state: 'taken', file })
  assert.deepEqual(readdirSync(folder), ['usr_1.welcome.usr_1.eml'])
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  assert.match(readFileSync(file, 'utf8'), /^Message-ID: <welcome\.usr_1@shop\.example>\r$/m)
})

test('the files of one person go, and those of others stay', async (t) => {
  const folder = temporaryDirectory(t)
  const mailer = createFolderMailer({ folder, from: FROM })
  for (const owner of ['usr_1', 'usr_12']) {
    await mailer.send(mail(owner, 'welcome'), never)
    await mailer.send(mail(owner, 'order_confirmed'), never)
  }
  await mailer.discard({ owner: 'usr_1', message_id: mail('usr_1', 'welcome').message_id })
  assert.equal(readdirSync(folder).length, 3)
  await mailer.discard({ owner: 'usr_1' })
  await mailer.discard({ owner: 'usr_1' })
  assert.deepEqual(
    readdirSync(folder).filter((file) => !file.startsWith('usr_12.')),
    [],
  )
  assert.equal(readdirSync(folder).length, 2)
})

test('no id leads out of the folder, and a folder that cannot be written keeps mails waiting', async (t) => {
  const folder = join(temporaryDirectory(t), 'mail')
  const mailer = createFolderMailer({ folder, from: FROM })
  await mailer.send(mail('../../usr_1/', 'welcome'), never)
  assert.equal(readdirSync(folder).length, 1)
  const gone = createFolderMailer({ folder: join(folder, 'sub'), from: FROM })
  rmSync(join(folder, 'sub'), { recursive: true })
  assert.equal((await gone.send(mail('usr_1', 'welcome'), never)).state, 'away')
})
