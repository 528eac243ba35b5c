import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placedImage, withChange, withImage, withoutImage } from './image-rules.ts'
import type { ProductImage } from './image-schema.ts'

const image = (id: string): ProductImage => ({
  ...{ id, key: `med_${id}`, store: 'disk', alt: '', width: 1, height: 1 },
  ...{ url: `/media/med_${id}/original.png`, sizes: { small: '', medium: '', large: '' } },
})
const three = ['a', 'b', 'c'].map(image)
const ids = (images: ProductImage[]) => images.map(({ id }) => id).join('')

test('an image comes to the end, or to its place, past the end to the end', () => {
  assert.equal(ids(withImage(three, image('d'))), 'abcd')
  assert.equal(ids(withImage(three, image('d'), 1)), 'adbc')
  assert.equal(ids(withImage(three, image('d'), 11)), 'abcd')
})

test('an image moves to its new place among the others', () => {
  assert.equal(ids(withChange(three, 'a', { position: 1 })), 'bac')
  assert.equal(ids(withChange(three, 'c', { position: 0 })), 'cab')
  assert.equal(ids(withChange(three, 'a', { position: 11 })), 'bca')
  assert.deepEqual(withChange(three, 'b', { alt: 'new' })[1], { ...three[1], alt: 'new' })
})

test('what leaves of an image names no store and no key', () => {
  assert.deepEqual(Object.keys(placedImage(three, 'b')), [
    ...['id', 'url', 'sizes', 'alt', 'width', 'height', 'position'],
  ])
})

test('an image that is not there is neither changed, moved nor removed', () => {
  for (const attempt of [
    () => withChange(three, 'x', { alt: '' }),
    () => withoutImage(three, 'x'),
    () => placedImage(three, 'x'),
  ])
    assert.throws(attempt, { code: 'image_not_found' })
})
