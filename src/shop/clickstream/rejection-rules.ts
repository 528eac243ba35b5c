import { MAX_CLICKSTREAM_EVENT_BYTES, MAX_PROPERTIES_DEPTH } from './schema.ts'

/** Why an event was not taken. */
export interface Rejection {
  code: string
  message: string
}

/** All reasons that no schema can tell. */
export const REJECTIONS = {
  noVisitor: { code: 'visitor_missing', message: 'Send `anonymous_id`, a guest session or an access token.' },
  badTime: { code: 'bad_time', message: '`timestamp` and `sent_at` must be times of the calendar.' },
  idWithoutTime: {
    code: 'event_id_without_time',
    message:
      'An `event_id` counts only together with a time: use a UUIDv7 or a ULID, or send `timestamp` with it.',
  },
  idOutOfTime: {
    code: 'event_id_out_of_time',
    message:
      'The time that belongs to `event_id` lies more than 7 days back or a day ahead, where repeats cannot be told; send it without `event_id`.',
  },
  tooDeep: {
    code: 'properties_too_deep',
    message: `\`properties\` may have ${MAX_PROPERTIES_DEPTH} levels.`,
  },
  cutOff: { code: 'event_cut_off', message: 'Of this event only the beginning was kept.' },
  tooLarge: {
    code: 'event_too_large',
    message: `An event may have ${MAX_CLICKSTREAM_EVENT_BYTES / 1_024} KB.`,
  },
} satisfies Record<string, Rejection>
