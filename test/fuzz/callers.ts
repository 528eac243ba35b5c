import { ADMIN } from '../support/people.ts'
import type { Ask } from './asking.ts'
import { furnish } from './furnishing.ts'
import { PASSWORD } from './meanings.ts'

export type CallerName =
  | 'nobody'
  | 'guest'
  | 'customer'
  | 'other customer'
  | 'admin'
  | 'super_admin'
  | 'wrong token'

type Account = Exclude<CallerName, 'nobody' | 'guest' | 'wrong token'>
type Credentials = Record<string, string>

export interface Callers {
  credentialsOf(name: CallerName): Credentials
  /** Whoever is signed out, erased or has another role now is made anew. `used` is what the refused request brought. */
  renew(name: CallerName, used: Credentials): Promise<void>
  /** How often somebody had to be made or signed in. */
  renewals(): number
}

const ROLES: Record<Account, 'customer' | 'admin' | 'super_admin'> = {
  customer: 'customer',
  'other customer': 'customer',
  admin: 'admin',
  super_admin: 'super_admin',
}

/**
 * Who comes to the shop. The first administrator is none of them: that account is never spoken of, so that there is always somebody
 * who can make the others.
 */
export async function createCallers(ask: Ask): Promise<Callers> {
  const emails = new Map<Account, string>()
  const credentials = new Map<CallerName, Credentials>([
    ['nobody', {}],
    ['wrong token', { authorization: 'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c3JfMSJ9.c2ln' }],
  ])
  const renewing = new Map<CallerName, Promise<void>>()
  let made = 0
  let renewals = 0

  async function signIn(email: string): Promise<Credentials | undefined> {
    const { status, body } = await ask('POST', '/auth/login', {}, { email, password: PASSWORD })
    return status === 200 ? { authorization: `Bearer ${body.access_token}` } : undefined
  }

  async function keeper(): Promise<Credentials> {
    const { status, body, text } = await ask('POST', '/auth/login', {}, ADMIN)
    if (status !== 200) throw new Error(`the first administrator cannot sign in any more: ${status} ${text}`)
    return { authorization: `Bearer ${body.access_token}` }
  }

  async function makeAccount(name: Account): Promise<Credentials> {
    made++
    const role = ROLES[name]
    const email = `${name.replace(/\W/, '-')}-${made}@fuzz.example`
    const boss = await keeper()
    const { status, text } = await ask('POST', '/users', boss, {
      email,
      password: PASSWORD,
      name: `Fuzz ${made}`,
      role,
    })
    if (status !== 201) throw new Error(`an account for ${name} could not be made: ${status} ${text}`)
    emails.set(name, email)
    const signedIn = await signIn(email)
    if (!signedIn) throw new Error(`${name} cannot sign in to a new account`)
    if (role === 'customer') await furnish(ask, boss, signedIn)
    return signedIn
  }

  async function make(name: CallerName): Promise<void> {
    renewals++
    if (name === 'guest') {
      const { headers } = await ask('POST', '/cart/items', {}, { product_id: 'prd_none', quantity: 1 })
      return void credentials.set(name, { 'x-session-id': headers.get('x-session-id') ?? 'none' })
    }
    const account = name as Account
    const email = emails.get(account)
    const again = email === undefined ? undefined : await signIn(email)
    const stillIs = again && (await ask('GET', '/auth/me', again)).body?.role === ROLES[account]
    credentials.set(name, stillIs ? again : await makeAccount(account))
  }

  function renew(name: CallerName, used: Credentials): Promise<void> {
    const canBe = name === 'guest' || name in ROLES
    if (!canBe || credentials.get(name) !== used) return Promise.resolve()
    const running = renewing.get(name) ?? make(name).finally(() => renewing.delete(name))
    renewing.set(name, running)
    return running
  }

  await make('guest')
  for (const name of Object.keys(ROLES) as Account[]) await make(name)
  return { credentialsOf: (name) => credentials.get(name)!, renew, renewals: () => renewals }
}
