import { type Static, Type } from 'typebox'
import { Password } from '../users/schema.ts'

const MAX_REFRESH_TOKEN_LENGTH = 2_048

/** What signing in takes. */
export const Credentials = Type.Object(
  { email: Type.String({ minLength: 1, maxLength: 254 }), password: Password },
  { additionalProperties: false },
)
export type Credentials = Static<typeof Credentials>

/** What refreshing takes. */
export const RefreshBody = Type.Object(
  { refresh_token: Type.String({ minLength: 1, maxLength: MAX_REFRESH_TOKEN_LENGTH }) },
  { additionalProperties: false },
)

/** What a new password takes. */
export const PasswordChange = Type.Object(
  { current_password: Password, new_password: Password },
  { additionalProperties: false },
)
export type PasswordChange = Static<typeof PasswordChange>
