import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_HEAVY_PIXELS, MAX_PIXELS, writtenType } from './verdict-rules.ts'

const avif = { format: 'heif', compression: 'av1', depth: 'uchar' }

test('what takes more memory or time for a pixel may have fewer of them', () => {
  const jpeg = { format: 'jpeg', depth: 'uchar' }
  assert.equal(writtenType({ ...jpeg, width: MAX_PIXELS, height: 1 }), 'jpeg')
  const heavy = { width: MAX_HEAVY_PIXELS / 4_000, height: 4_000 }
  for (const look of [
    { ...jpeg, width: MAX_PIXELS },
    { ...avif, ...heavy },
    { format: 'png', depth: 'ushort', ...heavy },
  ]) {
    const within = { height: 1, ...look }
    writtenType(within)
    assert.throws(() => writtenType({ ...within, height: within.height + 1 }), { code: 'too_many_pixels' })
  }
})

test('an AVIF becomes a WebP, where it fits into one', () => {
  assert.equal(writtenType({ ...avif, width: 40, height: 20 }), 'webp')
  assert.throws(() => writtenType({ ...avif, width: 20_000, height: 20 }), { code: 'too_many_pixels' })
  assert.throws(() => writtenType({ ...avif, compression: 'hevc', width: 40, height: 20 }), {
    code: 'not_an_image',
  })
})
