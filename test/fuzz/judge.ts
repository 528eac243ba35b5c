import { createAnswerChecker, type OpenApiDocument } from '../support/answers.ts'
import type { Received, Sent } from './sending.ts'

/**
 * What a shop to which nothing happens may answer with 503: several want to change one thing at the same moment, and one of them is
 * asked to come again.
 */
const COME_AGAIN = ['busy', 'cart_busy', 'order_in_motion', 'payment_in_progress', 'refund_in_progress']

/** Says what is wrong with an answer; undefined when nothing is. `errors_page` is docs/errors.md. */
export function createJudge(document: OpenApiDocument, errors_page: string) {
  const checker = createAnswerChecker(document, () => {})
  const codes = new Set(
    [...errors_page.matchAll(/^\| `(\w+)` \| (\d{3}) \|/gm)].map(([, code, status]) => `${status} ${code}`),
  )

  function ofRefusal({ status, headers, text }: Received): string | undefined {
    const { code, status: told } = JSON.parse(text) as { code: string; status: number }
    if (told !== status) return `the answer is ${status}, its body says ${told}`
    if (!codes.has(`${status} ${code}`)) return `${status} ${code} is not in docs/errors.md`
    if (status === 503 && !COME_AGAIN.includes(code))
      return `503 ${code}, though nothing happened to the shop`
    if (status === 503 && !headers.get('retry-after')) return `503 ${code} does not say when to come again`
    return undefined
  }

  return (sent: Pick<Sent, 'method' | 'path'>, received: Received): string | undefined => {
    const { status, headers, text } = received
    if (status >= 500 && status !== 503) return `${status}: ${text.slice(0, 500)}`
    if (status >= 400 && text === '' && sent.method !== 'HEAD') return `${status} without a problem document`
    try {
      checker.check({ ...sent, ...received })
      const isProblem = headers.get('content-type')?.startsWith('application/problem+json')
      return isProblem && text !== '' ? ofRefusal(received) : undefined
    } catch (error) {
      return (error as Error).message
    }
  }
}
