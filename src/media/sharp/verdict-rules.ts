import { Refusal } from '../../kernel/errors.ts'
import type { PictureType } from '../media.ts'

/** What the library says of a file before it decodes the pixels. */
export interface Look {
  format?: string | undefined
  compression?: string | undefined
  width?: number | undefined
  height?: number | undefined
}

/** The type of a file as its content says. Throws `malformed` for another one, `too_large` for more pixels than are taken. */
export function typeOf(
  { format, compression, width = 0, height = 0 }: Look,
  max_pixels: number,
): PictureType {
  if (width * height > max_pixels) throw tooManyPixels()
  if (format === 'jpeg' || format === 'png' || format === 'webp') return format
  if (format === 'heif' && compression === 'av1') return 'avif'
  throw notAnImage()
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

function tooSlow(): Refusal {
  return new Refusal('too_large', 'image_too_complex', 'The image takes too long to read.')
}

function notAnImage(): Refusal {
  return new Refusal('malformed', 'not_an_image', 'The file is not a JPEG, PNG, WebP or AVIF image.')
}

function damaged(): Refusal {
  return new Refusal('malformed', 'damaged_image', 'The image is damaged or not whole.')
}
