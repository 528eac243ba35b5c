export type Role = 'customer' | 'admin' | 'super_admin'

/**
 * Who asks. A guest is known by the hash of a session id that only the browser has; `anonymous` has not
 * written anything yet. `id` is also the namespace of idempotency keys and the owner of a cart.
 */
export type Principal = UserPrincipal | GuestPrincipal | { kind: 'anonymous'; id: null }

export interface UserPrincipal {
  kind: 'user'
  id: string
  role: Role
  /** The signed-in family: one device. */
  session_id: string
}

export interface GuestPrincipal {
  kind: 'guest'
  /** `guest:` and the SHA-256 of the session id. */
  id: string
}

export function isStaff(principal: Principal): boolean {
  return principal.kind === 'user' && principal.role !== 'customer'
}
