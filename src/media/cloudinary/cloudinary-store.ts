import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import { type MediaStore, SIZE_NAMES, SIZE_QUALITY, SIZES } from '../media.ts'
import { mediaUnavailable } from '../unavailable.ts'
import { type Account, signedCall } from './account.ts'
import { storedOf } from './answer-rules.ts'
import { ask } from './asking.ts'

/** All that the shop puts into an account lies in this folder. */
const FOLDER = 'tradewind'
/** Below the idle time after which a waiting client's connection is cut. */
const UPLOAD_DEADLINE_MS = 15_000
const DEADLINE_MS = 8_000
/** The health asks no more often than this, and sooner again when something was wrong. */
const WELL_MS = 60_000
const UNWELL_MS = 10_000

export interface CloudinaryOptions extends Account {
  clock: Clock
  logger: Pick<Logger, 'warn'>
}

/** Images at Cloudinary, one asset each, whose sizes Cloudinary makes when it is uploaded. Decision 0138. */
export function createCloudinaryStore(options: CloudinaryOptions): MediaStore {
  const { cloud_name, clock, logger } = options
  let looked: { at: number; well: boolean; verdict: Promise<void> } | undefined

  const timestamp = () => String(Math.floor(clock.now() / 1_000))

  async function put(key: string, original: Buffer) {
    const public_id = idOf(key)
    const parameters = {
      public_id,
      timestamp: timestamp(),
      overwrite: 'false',
      allowed_formats: 'jpg,png,webp,avif',
      eager: EAGER,
    }
    const call = signedCall(options, 'upload', parameters)
    const answer = await ask({ ...call, file: original, deadline_ms: UPLOAD_DEADLINE_MS })
    const stored = storedOf(answer, { cloud_name, public_id })
    if (!stored) throw new Error('Cloudinary answered with an address that is not of this account')
    return stored
  }

  async function destroy(key: string): Promise<void> {
    const parameters = { public_id: idOf(key), timestamp: timestamp(), invalidate: 'true' }
    const call = signedCall(options, 'destroy', parameters)
    const { result } = ((await ask({ ...call, deadline_ms: DEADLINE_MS })) ?? {}) as { result?: unknown }
    if (result !== 'ok' && result !== 'not found') throw new Error('Cloudinary did not say that it is gone')
  }

  async function told<Result>(key: string, work: Promise<Result>): Promise<Result> {
    try {
      return await work
    } catch (error) {
      logger.warn({ key, reason: (error as Error).message }, 'Cloudinary did not do what it was asked')
      throw mediaUnavailable()
    }
  }

  return {
    name: 'cloudinary',
    makes_sizes: true,
    put: (key, { original }) => told(key, put(key, original)),
    remove: (key) => told(key, destroy(key)),
    /** Removes what is not there: that asks for the connection, the key and the signature, and changes nothing. */
    check() {
      const now = performance.now()
      if (looked && now - looked.at < (looked.well ? WELL_MS : UNWELL_MS)) return looked.verdict
      const look = { at: now, well: true, verdict: destroy('health') }
      look.verdict.catch(() => {
        look.well = false
      })
      looked = look
      return look.verdict
    },
  }
}

/** In the order of the names. */
const EAGER = SIZE_NAMES.map((name) => {
  const edge = SIZES[name]
  return `c_limit,h_${edge},q_${SIZE_QUALITY},w_${edge}/webp`
}).join('|')

function idOf(key: string): string {
  return `${FOLDER}/${key}`
}
