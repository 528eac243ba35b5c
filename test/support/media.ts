import { openMedia } from '../../src/engines.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import type { Media } from '../../src/media/media.ts'
import { temporaryDirectory } from './storage.ts'

/** Images in a folder of their own, which goes when the test ends. */
export function folderMedia(ends: Parameters<typeof temporaryDirectory>[0]): Promise<Media> {
  const config = { DATA_DIR: temporaryDirectory(ends) }
  return openMedia({ config, clock: systemClock, logger: { warn() {} } })
}
