import { Refusal } from '../kernel/errors.ts'

/** The refusal when the files of an image cannot be kept now. */
export function mediaUnavailable(): Refusal {
  return new Refusal('unavailable', 'media_unavailable', 'Images cannot be kept at the moment; try again.', {
    retry_after_seconds: 5,
  })
}
