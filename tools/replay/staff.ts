import type { Answer, Client, Json } from './client.ts'
import type { Plan, Product } from './plan.ts'

export interface ShopOptions {
  currency: string
  /** Set apart from what an earlier replay left in the same shop. */
  tag: string
  /** Begins every Idempotency-Key, so that another replay is not taken for a repeat of this one. */
  run: string
}

/** What staff know of a product after putting it on sale. */
export interface Article {
  product_id: string
  /** Undefined for a product in one form. */
  sku: string | undefined
}

/** Well within the life of an access token, which a replay may outlast. */
const TOKEN_MS = 5 * 60_000

/** Answers an access token that is good for a while yet. */
export type Staff = () => Promise<string>

export function staffOf(client: Client, { email, password }: { email: string; password: string }): Staff {
  let token: Promise<string> | undefined
  let signed_at = 0
  return () => {
    if (token && performance.now() - signed_at < TOKEN_MS) return token
    signed_at = performance.now()
    token = signInAsStaff(client, email, password)
    return token
  }
}

async function signInAsStaff(client: Client, email: string, password: string): Promise<string> {
  const answer = await client.call({ method: 'POST', path: '/auth/login', body: { email, password } })
  if (answer.status !== 200) {
    throw new Error(`Staff cannot sign in as ${email} (${said(answer)}); set ADMIN_EMAIL and ADMIN_PASSWORD.`)
  }
  return answer.json.access_token
}

/** An order as staff see it. */
export async function orderForStaff(client: Client, token: string, id: string): Promise<Json> {
  const answer = await client.call({ method: 'GET', path: `/orders/${id}`, token })
  if (answer.status !== 200) throw new Error(`GET /orders/${id} answered ${said(answer)}`)
  return answer.json
}

/** Puts a product on sale with as much stock as all orders take; fills in its articles by item. */
export async function putOnSale(
  { client, token, plan, articles }: { client: Client; token: string; plan: Plan; articles: Article[] },
  product: Product,
  options: ShopOptions,
): Promise<void> {
  const answer = await client.call({
    method: 'POST',
    path: '/products',
    token,
    key: `${options.run}-product-${product.code}`,
    body: productOf(plan, product, options),
  })
  if (answer.status !== 201) {
    const hint = answer.status === 409 ? ' Take an empty DATA_DIR, or set this replay apart with --tag.' : ''
    throw new Error(`Product ${product.code} was not taken (${said(answer)}).${hint}`)
  }
  const single = product.items.length === 1
  for (const item of product.items) {
    const sku = single ? undefined : skuOf(plan, item, options)
    articles[item] = { product_id: answer.json.id, sku }
  }
}

function productOf(plan: Plan, { code, name, items }: Product, options: ShopOptions) {
  const prices = items.map((item) => plan.items[item]!.price)
  const money = (amount: number) => ({ amount, currency: options.currency })
  const common = { name, price: money(Math.min(...prices)), status: 'active', tags: ['replay'] }
  if (items.length === 1) {
    const [item] = items as [number]
    return { ...common, sku: `${code}${options.tag}`, stock: plan.items[item]!.needed }
  }
  return {
    ...common,
    options: [{ name: 'price', values: prices.map(String) }],
    variants: items.map((item) => ({
      sku: skuOf(plan, item, options),
      options: { price: String(plan.items[item]!.price) },
      price: money(plan.items[item]!.price),
      stock: plan.items[item]!.needed,
    })),
  }
}

function skuOf(plan: Plan, item: number, { tag }: ShopOptions): string {
  return `${plan.items[item]!.sku}${tag}`
}

/** What an answer says, for a sentence. */
export function said({ status, json }: Answer): string {
  return `${status} ${json?.code ?? ''} ${json?.detail ?? ''}${json?.errors ? JSON.stringify(json.errors) : ''}`.trim()
}
