type Library = typeof import('sharp')['default']

/** What may read a file; all other loaders (SVG, PDF, GIF, …) are not even tried. */
const LOADERS = [
  'VipsForeignLoadJpegBuffer',
  'VipsForeignLoadPngBuffer',
  'VipsForeignLoadWebpBuffer',
  'VipsForeignLoadHeifBuffer',
]

let loaded: Promise<Library> | undefined

/** The image library, loaded when the first image comes: it costs memory and time that most starts need not pay. */
export function imageLibrary(): Promise<Library> {
  loaded ??= import('sharp').then(({ default: sharp }) => {
    sharp.cache(false)
    // Work is bounded by slots; each of them has one thread.
    sharp.concurrency(1)
    sharp.block({ operation: ['VipsForeignLoad'] })
    sharp.unblock({ operation: LOADERS })
    return sharp
  })
  return loaded
}
