import type { Sharp, SharpOptions } from 'sharp'
import { Refusal } from '../../kernel/errors.ts'
import { createWorkLimiter } from '../../kernel/work-limiter.ts'
import {
  type Picture,
  type Pictures,
  type PictureType,
  SIZE_QUALITY,
  SIZES,
  type SizeName,
} from '../media.ts'
import { imageLibrary } from './library.ts'
import { faultOf, type Look, MAX_PIXELS, writtenType } from './verdict-rules.ts'

/** Of one step; what takes longer was made to take long. */
const MAX_SECONDS = 15
const MAX_WAIT_MS = 10_000
/** A photograph of twelve million pixels on a common core. */
const ESTIMATE_MS = 1_000

const INPUT: SharpOptions = {
  limitInputPixels: MAX_PIXELS,
  failOn: 'error',
  sequentialRead: true,
  pages: 1,
}

/** Reads images with `slots` of them at once: decoding takes a core and memory, however small the file is. */
export function createPictures({ slots }: { slots: number }): Pictures {
  const refuse = () =>
    new Refusal('unavailable', 'busy', 'Too many images at once; try again shortly.', {
      retry_after_seconds: 1 + Math.ceil((Math.random() * MAX_WAIT_MS) / 1_000),
    })
  const limiter = createWorkLimiter({ slots, estimate_ms: ESTIMATE_MS, max_wait_ms: MAX_WAIT_MS, refuse })
  return { read: (bytes, wanted) => limiter.run(() => read(bytes, wanted)) }
}

async function read(bytes: Buffer, wanted: { sizes: boolean }): Promise<Picture> {
  const sharp = await imageLibrary()
  const type = writtenType(await look(bytes))
  const upright = () => sharp(bytes, INPUT).autoOrient().timeout({ seconds: MAX_SECONDS })
  try {
    const { data, info } = await encoded(upright(), type).toBuffer({ resolveWithObject: true })
    const sizes = wanted.sizes ? await sized(upright()) : null
    return { type, original: data, width: info.width, height: info.height, sizes }
  } catch (error) {
    throw faultOf(error as Error, 'damaged_image')
  }
}

async function look(bytes: Buffer): Promise<Look> {
  const sharp = await imageLibrary()
  try {
    return await sharp(bytes, INPUT).metadata()
  } catch (error) {
    throw faultOf(error as Error, 'not_an_image')
  }
}

/** Written anew: what is no pixel (place, camera, thumbnail, whatever hides behind the end) stays behind. */
function encoded(image: Sharp, type: PictureType): Sharp {
  if (type === 'jpeg') return image.jpeg({ quality: 90 })
  if (type === 'png') return image.png({ compressionLevel: 6 })
  return image.webp({ quality: 90, effort: 2 })
}

/** The smaller ones are made of the largest, so that the file is decoded once for all of them. */
async function sized(image: Sharp): Promise<Record<SizeName, Buffer>> {
  const sharp = await imageLibrary()
  const within = (edge: number) =>
    ({ width: edge, height: edge, fit: 'inside', withoutEnlargement: true }) as const
  const { data, info } = await image
    .resize(within(SIZES.large))
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const one = (edge: number) =>
    sharp(data, { raw: { width, height, channels } })
      .resize(within(edge))
      .webp({ quality: SIZE_QUALITY })
      .toBuffer()
  return { small: await one(SIZES.small), medium: await one(SIZES.medium), large: await one(SIZES.large) }
}
