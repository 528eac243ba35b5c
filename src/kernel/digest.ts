import { hash } from 'node:crypto'

/** SHA-256 in base64url: how documents know a text again without holding it. */
export function digestOf(text: string): string {
  return hash('sha256', text, 'base64url')
}
