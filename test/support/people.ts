import type { Body, Client } from './http-client.ts'

export const ADMIN = { email: 'admin@ecommerce.com', password: 'admin123' }
export const PASSWORD = 'correct horse'

export interface SignedInClient extends Client {
  user: Body
  email: string
  access_token: string
  refresh_token: string
}

export interface People {
  /** Brings this token and nothing else. */
  withToken(token: string): Client
  registerCustomer(fields?: { email?: string; password?: string; name?: string }): Promise<SignedInClient>
  login(email: string, password: string): Promise<SignedInClient>
  /** An administrator, made by the first super_admin. */
  asStaff(): Promise<SignedInClient>
  asSuper(): Promise<SignedInClient>
}

/** Who comes to a shop; `client` makes one that brings these headers. */
export function createPeople(client: (headers?: Record<string, string>) => Client): People {
  let people = 0
  const withToken = (token: string) => client({ authorization: `Bearer ${token}` })

  async function signedIn(path: string, credentials: object): Promise<SignedInClient> {
    const { status, body, text } = await client().post(path, credentials)
    if (status !== 200 && status !== 201) throw new Error(`${path} answered ${status}: ${text}`)
    const { user, access_token, refresh_token } = body
    return { ...withToken(access_token), user, email: user.email, access_token, refresh_token }
  }

  const login = (email: string, password: string) => signedIn('/auth/login', { email, password })
  const asSuper = () => login(ADMIN.email, ADMIN.password)

  return {
    withToken,
    login,
    registerCustomer(fields = {}) {
      people++
      const email = `customer-${people}@example.com`
      return signedIn('/auth/register', { email, password: PASSWORD, name: `Customer ${people}`, ...fields })
    },
    async asStaff() {
      const root = await asSuper()
      people++
      const staff = { email: `staff-${people}@example.com`, password: PASSWORD, name: 'Staff', role: 'admin' }
      const { status, text } = await root.post('/users', staff)
      if (status !== 201) throw new Error(`POST /users answered ${status}: ${text}`)
      return login(staff.email, staff.password)
    },
    asSuper,
  }
}
