/**
 * The media port: what the shop needs of whoever keeps the files of images, and of whoever reads them. Files lie under keys that
 * the shop makes (`med_…`), each used once; which product an image belongs to is known to the product alone.
 */
export interface Media {
  pictures: Pictures
  /** Where the files of new images go. */
  current: MediaStore
  /** Where the files of an older image lie; undefined when that is not configured any more. */
  named(store: string): MediaStore | undefined
  /** The files that the shop serves itself. */
  files: MediaFiles
}

/** Longest edge in pixels of what is made of each image; nothing is enlarged. */
export const SIZES = { small: 320, medium: 800, large: 1_600 } as const
export const SIZE_NAMES = ['small', 'medium', 'large'] as const
export type SizeName = (typeof SIZE_NAMES)[number]
/** Quality of the WebP files of these sizes, of 100. */
export const SIZE_QUALITY = 80

/** Where the shop serves files itself. */
export const MEDIA_PATH = '/media'

export type PictureType = 'jpeg' | 'png' | 'webp'

/** An image that was decoded and written anew: upright, and with nothing beside its pixels. */
export interface Picture {
  type: PictureType
  width: number
  height: number
  original: Buffer
  /** WebP; null when they were not asked for. */
  sizes: Record<SizeName, Buffer> | null
}

export interface Pictures {
  /**
   * Judges a file by decoding it. Throws `malformed` for what is no image of a known type or is damaged, `too_large` for more pixels
   * than are taken, `unavailable` when too many are being read.
   */
  read(bytes: Buffer, wanted: { sizes: boolean }): Promise<Picture>
}

/** Addresses of an image's files: absolute, or a path on this server. They never change and what they name never changes. */
export interface StoredPicture {
  url: string
  sizes: Record<SizeName, string>
}

export interface MediaStore {
  /** Stands in documents. */
  name: string
  /** Whether it makes the sizes by itself. */
  makes_sizes: boolean
  /** Resolves when the files are durable. Throws `unavailable`; then they may be there or not. */
  put(key: string, picture: Picture): Promise<StoredPicture>
  /** May be repeated, also for files that never came to be. Throws `unavailable`. */
  remove(key: string): Promise<void>
  /** Rejects with what is wrong when an image could not be added now. */
  check(): Promise<void>
}

export interface MediaFiles {
  folder: string
  /** The path below the folder; undefined when there is no such file. */
  find(key: string, file: string): Promise<string | undefined>
}
