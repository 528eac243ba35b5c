import type { Answer } from './http-client.ts'
import { until } from './until.ts'

/**
 * Asks as a client does that is told to come again, until it is told something else than 503. An order, for one, goes on to its
 * rest behind the answer that placed it, and takes some wishes only then.
 */
export async function comingAgain(ask: () => Promise<Answer>): Promise<Answer> {
  let answer = await ask()
  await until(async () => {
    if (answer.status === 503) answer = await ask()
    return answer.status !== 503
  })
  return answer
}
