import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { errorsPage } from './errors-page.ts'

test('docs/errors.md lists every code; `npm run docs` writes it', () => {
  assert.equal(readFileSync('docs/errors.md', 'utf8'), errorsPage())
})
