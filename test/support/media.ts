import { type MediaOptions, openMedia } from '../../src/engines.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import type { Media } from '../../src/media/media.ts'
import { temporaryDirectory } from './storage.ts'

/** Images in a folder of their own, which goes when the test ends, or with an account at Cloudinary. */
export function folderMedia(
  ends: Parameters<typeof temporaryDirectory>[0],
  account: Partial<MediaOptions['config']> = {},
): Promise<Media> {
  const config = { DATA_DIR: temporaryDirectory(ends), ...account }
  return openMedia({ config, clock: systemClock, logger: { warn() {} } })
}
