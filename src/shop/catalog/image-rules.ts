import { Refusal } from '../../kernel/errors.ts'
import {
  type ImageChange,
  imageViews,
  MAX_IMAGES,
  type PlacedImage,
  type ProductImage,
} from './image-schema.ts'

type Images = readonly ProductImage[]

/** The list with a new image at its place, without one at the end. Throws `conflict` when it is full. */
export function withImage(images: Images, image: ProductImage, position = images.length): ProductImage[] {
  assertRoom(images)
  return images.toSpliced(position, 0, image)
}

/** The list with an image changed and moved. Throws `not_found`. */
export function withChange(images: Images, id: string, { alt, position }: ImageChange): ProductImage[] {
  const at = placeOf(images, id)
  const image = { ...images[at]!, ...(alt !== undefined && { alt }) }
  return images.toSpliced(at, 1).toSpliced(position ?? at, 0, image)
}

/** The list without an image. Throws `not_found`. */
export function withoutImage(images: Images, id: string): ProductImage[] {
  return images.toSpliced(placeOf(images, id), 1)
}

/** Throws `conflict` when no further image has room. */
export function assertRoom(images: Images): void {
  if (images.length >= MAX_IMAGES)
    throw new Refusal('conflict', 'too_many_images', `A product has at most ${MAX_IMAGES} images.`)
}

/** An image with its place. Throws `not_found`. */
export function placedImage(images: Images, id: string): PlacedImage {
  const position = placeOf(images, id)
  return { ...imageViews({ images: [images[position]!] })[0]!, position }
}

function placeOf(images: Images, id: string): number {
  const at = images.findIndex((image) => image.id === id)
  if (at < 0) throw imageNotFound()
  return at
}

export function imageNotFound(): Refusal {
  return new Refusal('not_found', 'image_not_found', 'The product has no such image.')
}

/** The files were given up while they were being added. */
export function addingTookTooLong(): Refusal {
  return new Refusal('unavailable', 'too_slow', 'This took too long; try again.', { retry_after_seconds: 1 })
}
