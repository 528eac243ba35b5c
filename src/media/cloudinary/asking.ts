/** No answer that the shop asks for comes near it. */
const MAX_ANSWER_BYTES = 256 * 1024

export interface AskOptions {
  url: string
  form: Record<string, string>
  file?: Buffer | undefined
  deadline_ms: number
}

/**
 * Posts a form and reads the JSON that comes back: certificates checked, no redirect followed, the whole answer within one deadline and a
 * bound. (The library's own client reads as much as comes, and its deadline is one between two bytes.) Rejects with a sentence that holds
 * nothing of what was sent.
 */
export async function ask({ url, form, file, deadline_ms }: AskOptions): Promise<unknown> {
  const body = new FormData()
  for (const [name, value] of Object.entries(form)) body.append(name, value)
  if (file) body.append('file', new Blob([new Uint8Array(file)]), 'image')
  try {
    const signal = AbortSignal.timeout(deadline_ms)
    const answer = await fetch(url, { method: 'POST', body, redirect: 'manual', signal })
    const text = await read(answer)
    if (!answer.ok) throw new Refused(sentenceOf(answer.status))
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof Refused) throw error
    const { name, cause } = error as Error & { cause?: { code?: unknown } }
    if (name === 'TimeoutError')
      throw new Refused(`no answer from Cloudinary within ${deadline_ms / 1_000} s`)
    if (name === 'SyntaxError') throw new Refused('Cloudinary answered with something else than JSON')
    throw new Refused(`no connection to Cloudinary (${typeof cause?.code === 'string' ? cause.code : name})`)
  }
}

/** Said by this module, so its text is ours. */
class Refused extends Error {}

/** Reads no further than the bound; leaving the loop closes the connection. */
async function read({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MAX_ANSWER_BYTES) throw new Refused('Cloudinary answered more than can be read')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** By the status alone: the text of a wrong signature repeats it. */
function sentenceOf(status: number): string {
  if (status >= 300 && status < 400) return `Cloudinary answered with a redirect (${status})`
  if (status === 401) return 'Cloudinary does not accept the key or the signature (401)'
  if (status === 420 || status === 429) return `the account is over its limit at Cloudinary (${status})`
  return `Cloudinary refused (${status})`
}
