import { access, constants, mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isId } from '../../kernel/ids.ts'
import type { Logger } from '../../kernel/logger.ts'
import {
  MEDIA_PATH,
  type MediaFiles,
  type MediaStore,
  type Picture,
  SIZE_NAMES,
  type SizeName,
} from '../media.ts'
import { mediaUnavailable } from '../unavailable.ts'
import { syncFolder, writeSynced } from './synced-files.ts'

/** Files that are not whole yet; nothing is served from there. */
const MAKING = 'making'
const FILE = /^(original\.(jpeg|png|webp|avif)|(small|medium|large)\.webp)$/

/**
 * Images in a folder: one folder each, which is made aside, synced and then renamed, so that it is there wholly or not at all, also
 * after a power failure. `making` is on the same file system, since only there a rename is one step.
 */
export function createDiskStore({
  folder,
  logger,
}: {
  folder: string
  logger: Pick<Logger, 'warn'>
}): MediaStore & MediaFiles {
  const making = (key: string) => join(folder, MAKING, key)

  async function write(key: string, files: Record<string, Buffer>): Promise<void> {
    await mkdir(making(key), { recursive: true, mode: 0o700 })
    for (const [name, bytes] of Object.entries(files)) await writeSynced(join(making(key), name), bytes)
    await syncFolder(making(key))
    const shelf = join(folder, shelfOf(key))
    await mkdir(shelf, { recursive: true, mode: 0o700 })
    await rename(making(key), join(shelf, key))
    await syncFolder(shelf)
    await syncFolder(folder)
  }

  return {
    name: 'disk',
    makes_sizes: false,
    folder,
    async put(key, picture) {
      const files = filesOf(picture)
      try {
        await write(key, files)
      } catch (error) {
        logger.warn({ err: error, key }, 'the files of an image could not be written')
        await rm(making(key), { recursive: true, force: true }).catch(() => {})
        throw mediaUnavailable()
      }
      const url = (name: string) => `${MEDIA_PATH}/${key}/${name}`
      const sizes = Object.fromEntries(SIZE_NAMES.map((size) => [size, url(`${size}.webp`)]))
      return { url: url(originalName(picture)), sizes: sizes as Record<SizeName, string> }
    },
    async remove(key) {
      try {
        for (const path of [making(key), join(folder, shelfOf(key), key)])
          await rm(path, { recursive: true, force: true })
      } catch (error) {
        logger.warn({ err: error, key }, 'the files of an image could not be removed')
        throw mediaUnavailable()
      }
    },
    async check() {
      await mkdir(join(folder, MAKING), { recursive: true, mode: 0o700 })
      await access(join(folder, MAKING), constants.W_OK)
    },
    async find(key, file) {
      if (!isId(key, 'med') || !FILE.test(file)) return undefined
      const path = join(shelfOf(key), key, file)
      const found = await stat(join(folder, path)).catch(() => undefined)
      return found?.isFile() ? path : undefined
    },
  }
}

/** The end of a key is random: a thousand shelves, evenly filled. */
function shelfOf(key: string): string {
  return key.slice(-2)
}

function originalName({ type }: Picture): string {
  return `original.${type}`
}

function filesOf(picture: Picture): Record<string, Buffer> {
  const files: Record<string, Buffer> = { [originalName(picture)]: picture.original }
  for (const [name, bytes] of Object.entries(picture.sizes ?? {})) files[`${name}.webp`] = bytes
  return files
}
