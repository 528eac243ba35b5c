import type { Answer } from './http-client.ts'
import { until } from './until.ts'

/**
 * Asks as a client does that is told to come again, until it is told something else than 503 or that the first request
 * under its key still runs. An order, for one, goes on to its rest behind the answer that placed it, and takes some wishes
 * only then.
 */
export async function comingAgain(ask: () => Promise<Answer>): Promise<Answer> {
  let answer = await ask()
  await until(async () => {
    if (comesAgain(answer)) answer = await ask()
    return !comesAgain(answer)
  })
  return answer
}

function comesAgain({ status, body }: Answer): boolean {
  return status === 503 || body?.code === 'in_progress'
}
