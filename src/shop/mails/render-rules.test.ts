import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moneyText } from './money-text-rules.ts'
import { asHtml, asText, type Words } from './render-rules.ts'

const EVIL = `<b>"Ann" & 'Bob'</b>\r\nBcc: x\u202e`
const WORDS: Words = {
  subject: EVIL,
  blocks: [{ says: EVIL }, { link: 'https://shop.example/a?b="c"&d', label: EVIL }, { rows: [[EVIL, EVIL]] }],
}

test('in HTML nothing that people wrote is markup', () => {
  const html = asHtml(WORDS, EVIL)
  assert.ok(!html.includes('<b>'))
  assert.ok(html.includes('href="https://shop.example/a?b=&quot;c&quot;&amp;d"'))
  assert.equal(html.match(/&lt;b&gt;&quot;Ann&quot; &amp; &#39;Bob&#39;&lt;\/b&gt; Bcc: x</g)!.length, 6)
})

test('in text what people wrote stays in its line', () => {
  const text = asText(WORDS, EVIL)
  assert.ok(!/^Bcc/m.test(text))
  assert.ok(!text.includes('\u202e'))
  assert.match(text, /:\nhttps:\/\/shop\.example\/a\?b="c"&d\n/)
})

test('amounts are told to the last unit, with the places of their currency', () => {
  const money = (amount: number, currency: string) => moneyText({ amount, currency })
  assert.equal(money(123_450, 'USD'), 'USD 1,234.50')
  assert.equal(money(5, 'EUR'), 'EUR 0.05')
  assert.equal(money(0, 'EUR'), 'EUR 0.00')
  assert.equal(money(1_234, 'JPY'), 'JPY 1,234')
  assert.equal(money(1_234, 'KWD'), 'KWD 1.234')
  assert.equal(money(Number.MAX_SAFE_INTEGER, 'USD'), 'USD 90,071,992,547,409.91')
})
