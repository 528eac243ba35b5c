import { type Static, Type } from 'typebox'

/** A part of the shop that keeps something of people. Either function may be asked of anybody, at any time and again. */
export interface PersonalPart {
  /** All that it knows of a person, as that person may read it. What may be much comes in pieces and becomes a list. */
  known?(user_id: string): Promise<object> | AsyncIterable<object>
  /** Removes it, or takes the person out of it. Throws when something has to wait; then it is asked again. */
  forget?(user_id: string): Promise<void>
}

/** By the name under which people find it in what they are given. */
export type PersonalParts = Readonly<Record<string, PersonalPart>>

/**
 * After everything was forgotten it is looked through once more: longer than a request lives and than a node remembers a session,
 * so that what was on its way when the account ended is gone too.
 */
export const SETTLE_MS = 60_000
/** The longest wait between two looks. */
export const MAX_PAUSE_MS = 60 * 60_000
/** What an erasure waits for when every part has forgotten: bytes that are not overwritten yet. */
export const FILES = 'files'

export const PersonExport = Type.Object(
  { exported_at: Type.String({ format: 'date-time' }) },
  {
    additionalProperties: Type.Union([
      Type.Object({}, { additionalProperties: true }),
      Type.Array(Type.Unknown()),
    ]),
    description: 'Every part of the shop that keeps something of the person, by its name',
  },
)
export type PersonExport = Static<typeof PersonExport>
