import { resolve } from 'node:path'
import { type OpenApiDocument, templatesOf } from '../support/answers.ts'
import { bodyOf, fill, type NamedAnswer, readApiFile } from '../support/api-file.ts'
import { picture } from '../support/images.ts'
import { ADMIN } from '../support/people.ts'
import { type RunningShop, startShop } from '../support/shop.ts'
import { askOver, parsed } from './asking.ts'
import { type Callers, createCallers } from './callers.ts'
import { createExchange, type Exchange } from './exchange.ts'
import { type Operation, operationsOf } from './operations.ts'
import { createThings, type Things } from './things.ts'

const API_FILE = resolve(import.meta.dirname, '../../api.http')

/** A shop in which something of everything exists. */
export interface World {
  shop: RunningShop
  operations: Operation[]
  things: Things
  callers: Callers
  exchange: Exchange
  /** Bodies that an operation is known to take, by its name. */
  examples: Map<string, string[]>
  /** Small images of every format that the shop takes. */
  pictures: Buffer[]
  close(): Promise<void>
}

/** Starts a shop and fills it: with every request of api.http, and with the callers. */
export async function openWorld(): Promise<World> {
  const shop = await startShop({ environment: { ACCESS_TOKEN_TTL: '1d' } })
  const document = shop.application.server.document() as OpenApiDocument
  const keeper = await shop.asSuper()
  const things = createThings(new Set([keeper.user.id, ADMIN.email]))
  const exchange = createExchange({ shop, document, things })
  const examples = await sendApiFile(exchange, document)
  const formats = ['png', 'jpeg', 'webp', 'avif'] as const
  return {
    shop,
    operations: operationsOf(document),
    things,
    callers: await createCallers(askOver(exchange)),
    exchange,
    examples,
    pictures: await Promise.all(formats.map((format) => picture({ format }))),
    async close() {
      exchange.close()
      await shop.stop()
    },
  }
}

async function sendApiFile(exchange: Exchange, document: OpenApiDocument): Promise<Map<string, string[]>> {
  const { variables, requests } = readApiFile(API_FILE)
  const templateOf = templatesOf(document)
  const answers = new Map<string, NamedAnswer>()
  const examples = new Map<string, string[]>()
  variables.host = ''
  for (const request of requests) {
    const filled = (text: string) => fill(text, variables, answers)
    const path = filled(request.url)
    // Pages for people, which the document does not have.
    if (!templateOf(path)) continue
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), filled(value)]),
    )
    const body = request.body === undefined ? undefined : bodyOf(filled(request.body), API_FILE)
    const content = typeof body === 'string' || body === undefined ? body : Buffer.from(body)
    const answer = await exchange.send({ method: request.method, path, headers, content })
    if (request.name && answer)
      answers.set(request.name, { body: parsed(answer.text), headers: answer.headers })
    if (typeof content !== 'string') continue
    const operation = `${request.method} ${templateOf(path)}`
    examples.set(operation, [...(examples.get(operation) ?? []), content])
  }
  return examples
}
