import assert from 'node:assert/strict'
import fs, { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { filesBelow } from '../../tools/backup/files.ts'
import { temporaryDirectory } from '../support/storage.ts'

test('a folder that goes while it is looked for holds nothing', (t) => {
  const folder = temporaryDirectory(t)
  const gone = join(folder, 'media/a')
  mkdirSync(gone, { recursive: true })
  writeFileSync(join(gone, 'small.webp'), '')
  writeFileSync(join(folder, 'media/kept'), '')
  const stat = fs.statSync
  t.mock.method(fs, 'statSync', (path: string) => {
    const found = stat(path)
    if (path === gone) rmSync(gone, { recursive: true })
    return found
  })
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
  assert.deepEqual(filesBelow(folder), ['media/kept'])
  assert.throws(() => filesBelow(join(folder, 'nowhere')), { code: 'ENOENT' })
})
