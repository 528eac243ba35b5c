import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { type Clock, systemClock } from '../src/kernel/clock.ts'
import { movedClock } from '../src/moved-clock.ts'
import { type Faults, NO_FAULTS } from '../src/payments/test-provider/faults.ts'
import { createTestProviderServer } from '../src/payments/test-provider/server.ts'
import { createTestProvider } from '../src/payments/test-provider/test-provider.ts'

const USAGE = `npm run test-provider -- [options]
  A payment provider without money, in a process of its own. The shop finds it by TEST_PROVIDER_URL; both need the same
  TEST_PROVIDER_SECRET (at least 16 characters) in their environment, and CLOCK_OFFSET_FILE where the shop has one.

  --port 8200          0 takes a free one; the address is the first line of the output
  --ledger FILE        its ledger, an SQLite file (data/test-provider.db)
  --shop URL           where its webhooks go, as http://localhost:8000; absent: none are sent
  --tells everything   webhooks of everything; else only of what no call was answered with

  Faults, each a probability from 0 to 1:
  --lost-before P      calls that are not done and not answered
  --lost-after P       calls that are done and not answered
  --broken P           calls that are answered with 500, every second one done
  --late P             webhooks that come up to a minute late
  --twice P            webhooks that come twice
  --forged P           webhooks before which one with a wrong signature comes
  --delay MS           how long every call takes
  They are changed while it runs by PUT /faults, as {"lost_before":0}, with the secret as bearer token.`

interface Options {
  port: number
  ledger: string
  shop: string | undefined
  tells: 'everything' | 'the unanswered'
  secret: string
  clock: Clock
  faults: Faults
}

process.exitCode = await main()

async function main(): Promise<number> {
  let options: Options
  try {
    options = readOptions(process.argv.slice(2), process.env)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`)
    return 1
  }
  await serve(options)
  return 0
}

function readOptions(args: string[], environment: Record<string, string | undefined>): Options {
  const probability = { type: 'string', default: '0' } as const
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '8200' },
      ledger: { type: 'string', default: 'data/test-provider.db' },
      shop: { type: 'string' },
      tells: { type: 'string', default: 'the unanswered' },
      delay: { type: 'string', default: '0' },
      'lost-before': probability,
      'lost-after': probability,
      broken: probability,
      late: probability,
      twice: probability,
      forged: probability,
    },
  })
  const secret = environment.TEST_PROVIDER_SECRET ?? ''
  if (secret.length < 16) throw new Error('TEST_PROVIDER_SECRET must have at least 16 characters.')
  if (values.tells !== 'everything' && values.tells !== 'the unanswered')
    throw new Error('--tells takes "everything".')
  const faults: Faults = {
    ...NO_FAULTS,
    delay_ms: number('--delay', values.delay, 60_000),
    lost_before: number('--lost-before', values['lost-before'], 1),
    lost_after: number('--lost-after', values['lost-after'], 1),
    broken: number('--broken', values.broken, 1),
    late: number('--late', values.late, 1),
    twice: number('--twice', values.twice, 1),
    forged: number('--forged', values.forged, 1),
  }
  if (faults.lost_before + faults.lost_after + faults.broken > 1)
    throw new Error('--lost-before, --lost-after and --broken are together more than 1.')
  const port = number('--port', values.port, 65_535)
  const { CLOCK_OFFSET_FILE } = environment
  const clock = CLOCK_OFFSET_FILE ? movedClock(CLOCK_OFFSET_FILE) : systemClock
  return { port, ledger: values.ledger, shop: values.shop, tells: values.tells, secret, clock, faults }
}

function number(name: string, text: string, most: number): number {
  const value = Number(text)
  if (text !== '' && value >= 0 && value <= most) return value
  throw new Error(`${name} takes a number from 0 to ${most}.`)
}

async function serve({ port, ledger, shop, tells, secret, clock, faults }: Options): Promise<void> {
  mkdirSync(dirname(ledger), { recursive: true })
  let own_url = ''
  const urlOf = (action: string) => `${own_url}/actions/${action}`
  const provider = createTestProvider({ path: ledger, clock, secret, tells, faults, urlOf })
  const server = createTestProviderServer({ provider, secret, faults })
  own_url = await server.listen({ host: '127.0.0.1', port })
  if (shop) provider.inside.deliverTo(new URL('/payments/webhooks/test', shop).href)
  console.log(own_url)
  const { promise: told, resolve } = Promise.withResolvers<void>()
  process.once('SIGTERM', resolve)
  process.once('SIGINT', resolve)
  await told
  await server.close()
  await provider.close()
}
