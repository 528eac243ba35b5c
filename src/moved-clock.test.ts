import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { movedClock } from './moved-clock.ts'

const HOUR_MS = 3_600_000

test('the clock follows the number in its file, and stays as it was when there is none', (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'], now: 1_000_000_000_000 })
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-clock-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'offset')
  const clock = movedClock(path)
  const moved = () => clock.now() - Date.now()
  const seen = (text?: string) => {
    if (text === undefined) rmSync(path)
    else writeFileSync(path, text)
    t.mock.timers.tick(1_000)
    return moved()
  }
  assert.equal(moved(), 0)
  assert.equal(seen(`${HOUR_MS}\n`), HOUR_MS)
  for (const text of ['', 'soon', '1e3', '9'.repeat(15), undefined])
    assert.equal(seen(text), HOUR_MS, String(text))
  assert.equal(seen('-600000'), -600_000)
  assert.equal(seen('0'), 0)
})
