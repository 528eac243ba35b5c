import { Refusal } from '../../kernel/errors.ts'
import type { PictureType } from '../media.ts'

/** What the largest cameras of phones make; decoded it fits into memory. */
export const MAX_PIXELS = 50_000_000
/** Of what is decoded at once as a whole, or takes twice the memory: AVIF, and more than 8 bits a channel. */
export const MAX_HEAVY_PIXELS = 16_000_000
/** WebP has no larger edge. */
const MAX_WEBP_EDGE = 16_383

/** What the library says of a file before it decodes the pixels. */
export interface Look {
  format?: string | undefined
  compression?: string | undefined
  width?: number | undefined
  height?: number | undefined
  /** Of a channel. */
  depth?: string | undefined
}

/**
 * The type that a file is written anew in: its own, as its content says, or WebP for AVIF, whose encoder takes too long and cannot
 * be stopped. Throws `malformed` for what is no image of a known type, `too_large` for more pixels than are taken.
 */
export function writtenType({ format, compression, width = 0, height = 0, depth }: Look): PictureType {
  const avif = format === 'heif' && compression === 'av1'
  if (width * height > MAX_PIXELS) throw tooManyPixels()
  if ((avif || depth !== 'uchar') && width * height > MAX_HEAVY_PIXELS) throw tooHeavy()
  if (format === 'jpeg' || format === 'png' || format === 'webp') return format
  if (!avif) throw notAnImage()
  if (Math.max(width, height) > MAX_WEBP_EDGE) throw tooHeavy()
  return 'webp'
}

/** What an error of the library means, by its words. */
export function faultOf({ message }: Error, otherwise: 'not_an_image' | 'damaged_image'): Refusal {
  if (message.includes('pixel limit')) return tooManyPixels()
  if (message.includes('timeout')) return tooSlow()
  return otherwise === 'not_an_image' ? notAnImage() : damaged()
}

function tooManyPixels(): Refusal {
  return new Refusal('too_large', 'too_many_pixels', 'The image has more than 50 million pixels.')
}

function tooHeavy(): Refusal {
  const message = 'An AVIF image, or one with more than 8 bits a channel, may have 16 million pixels.'
  return new Refusal('too_large', 'too_many_pixels', message)
}

function tooSlow(): Refusal {
  return new Refusal('too_large', 'image_too_complex', 'The image takes too long to read.')
}

function notAnImage(): Refusal {
  return new Refusal('malformed', 'not_an_image', 'The file is not a JPEG, PNG, WebP or AVIF image.')
}

function damaged(): Refusal {
  return new Refusal('malformed', 'damaged_image', 'The image is damaged or not whole.')
}
