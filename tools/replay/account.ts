import type { Answer } from './client.ts'
import { type Account, expect, type Shopping } from './shopping.ts'

const PASSWORD = 'a shopper of the replay'
/** Access tokens live longer; a new one is fetched in good time. */
const TOKEN_LIFE_MS = 10 * 60_000

/** The account of a customer or guest, made where there is none yet; the cart of a guest's session comes along. */
export async function accountOf(
  { client, accounts, options }: Shopping,
  { account: name, guest = false }: { account: string; guest?: boolean },
  session?: string,
): Promise<Account> {
  const known = accounts.get(name)
  if (known && performance.now() - known.since_ms < TOKEN_LIFE_MS) return known
  const email = `${guest ? 'g' : 'c'}${name}${options.tag}@replay.example`.toLowerCase()
  const signUp = { email, password: PASSWORD, name: `${guest ? 'Guest' : 'Customer'} ${name}` }
  let answer: Answer | undefined
  if (!known) {
    answer = await client.call({ method: 'POST', path: '/auth/register', body: signUp, session })
    // A repeat over a lost connection finds the account made.
    if (answer.status !== 409) expect(answer, 201, `${email} could not sign up`)
  }
  if (answer?.status !== 201) {
    const body = { email, password: PASSWORD }
    answer = await client.call({ method: 'POST', path: '/auth/login', body, session })
    expect(answer, 200, `${email} could not sign in`)
  }
  const account = {
    user_id: answer.json.user.id,
    token: answer.json.access_token,
    since_ms: performance.now(),
  }
  accounts.set(name, account)
  return account
}
