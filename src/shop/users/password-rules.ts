import type { Fault } from '../../kernel/errors.ts'
import { MAX_PASSWORD_LENGTH } from './schema.ts'

/** What a new password must fulfil. */
export interface PasswordPolicy {
  min_length: number
  /** Says whether many people have this password; absent: not asked. */
  isCommon?: (password: string) => boolean
}

/** Judges a new password by length and commonness alone: rules of composition make passwords worse. */
export function passwordFaults(password: string, policy: PasswordPolicy, pointer = '/password'): Fault[] {
  const length = [...password].length
  if (length < policy.min_length || length > MAX_PASSWORD_LENGTH) {
    const message = `must be ${policy.min_length} to ${MAX_PASSWORD_LENGTH} characters long`
    return [{ pointer, code: 'password_length', message }]
  }
  if (!policy.isCommon?.(password)) return []
  return [{ pointer, code: 'password_common', message: 'is one that many people use; take another' }]
}
