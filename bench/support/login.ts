/** A sign-in that must fail; milliseconds until the refusal. */
export async function mixedLogin(url: string, email: string): Promise<number> {
  const began = performance.now()
  const answer = await fetch(`${url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: 'certainly-wrong' }),
  })
  await answer.arrayBuffer()
  return performance.now() - began
}
