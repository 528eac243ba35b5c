import { type Static, Type } from 'typebox'
import { SIZE_NAMES, type StoredPicture } from '../../media/media.ts'
import type { CollectionDefinition, Stored } from '../../storage/storage.ts'

export type { Media, MediaFiles } from '../../media/media.ts'
export type { New } from '../../storage/storage.ts'

export const MAX_IMAGES = 12
/** Of the file as it is sent. */
export const MAX_IMAGE_BYTES = 10 * 1024 * 1024
/** Characters; screen readers read it out in one go. */
export const MAX_ALT = 500

const closed = { additionalProperties: false } as const

const Alt = Type.String({
  maxLength: MAX_ALT,
  description: 'What is to be seen, for those who do not see it; empty when it is mere decoration',
})
const Place = Type.Integer({
  minimum: 0,
  maximum: MAX_IMAGES - 1,
  description: 'From 0, the one that lists show; past the end is the end',
})

export const NewImage = Type.Object(
  {
    file: Type.String({ format: 'binary', description: 'JPEG, PNG, WebP or AVIF, at most 10 MiB' }),
    alt: Type.Optional(Alt),
    position: Type.Optional(Place),
  },
  closed,
)

export type NewImage = Static<typeof NewImage>

export const ImageChange = Type.Object(
  { alt: Type.Optional(Alt), position: Type.Optional(Place) },
  { ...closed, minProperties: 1 },
)
export type ImageChange = Static<typeof ImageChange>

const Address = Type.String({
  description: 'Absolute, or a path on this server; what it names never changes',
})
const imageView = {
  id: Type.String(),
  url: Address,
  sizes: Type.Object(Object.fromEntries(SIZE_NAMES.map((name) => [name, Address])), {
    ...closed,
    description: 'WebP, at most 320, 800 and 1600 pixels wide and high',
  }),
  alt: Type.String(),
  width: Type.Integer({ description: 'Pixels of `url`' }),
  height: Type.Integer(),
}

/** An image as its product shows it. */
export const ImageView = Type.Object(imageView, closed)
export type ImageView = Static<typeof ImageView>

/** An image as its own answers show it. */
export const PlacedImage = Type.Object({ ...imageView, position: Type.Integer() }, closed)
export type PlacedImage = Static<typeof PlacedImage>

/** An image in the document of its product; the order of the list is theirs. */
export interface ProductImage extends StoredPicture {
  id: string
  /** Under which its files lie in the store. */
  key: string
  store: string
  alt: string
  width: number
  height: number
}

/**
 * Files of which it is not settled whether a product names them: written down before they are put, and before the product lets them go.
 * Its id is their key.
 */
export interface UnsettledImage extends Stored {
  product_id: string
  store: string
  /** `adding`: a product may come to name them. `given_up`: it shall not any more. `going`: its product lets them go. */
  state: 'adding' | 'given_up' | 'going'
}

export const UNSETTLED_IMAGES: CollectionDefinition<UnsettledImage> = {
  name: 'unsettled_images',
  indexes: { created: { fields: ['created_at'] } },
}

/** The images as they are answered. Every field is named here: this is the allow-list of what leaves. */
export function imageViews({ images = [] }: { images?: readonly ProductImage[] }): ImageView[] {
  return images.map(({ id, url, sizes, alt, width, height }) => ({ id, url, sizes, alt, width, height }))
}
