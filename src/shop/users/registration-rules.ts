import type { Fault } from '../../kernel/errors.ts'
import { type PasswordPolicy, passwordFaults } from './password-rules.ts'
import { cleanName, emailFaults, foldEmail, nameFaults } from './rules.ts'
import type { Registration } from './schema.ts'

/** Judges what a new account is to be, as far as it is there: also a body of which a field is missing or of another type. */
export function registrationFaults(
  { email, password, name }: Partial<Record<keyof Registration, unknown>>,
  policy: PasswordPolicy,
): Fault[] {
  return [
    ...(typeof email === 'string' ? emailFaults(foldEmail(email)) : []),
    ...(typeof password === 'string' ? passwordFaults(password, policy) : []),
    ...(typeof name === 'string' ? nameFaults(cleanName(name)) : []),
  ]
}
