import { filePart, formOf, picture } from '../support/images.ts'
import type { Ask } from './asking.ts'

type Credentials = Record<string, string>

const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }
const MANY = 100_000

/**
 * Gives a new customer something of everything that a shop knows of people: orders that are paid, on their way, delivered and sent
 * back, a cart, a wishlist, a review. What the requests before did to the shop may stand in the way; then there is less.
 */
export async function furnish(ask: Ask, staff: Credentials, customer: Credentials): Promise<void> {
  const price = { amount: 1_000, currency: 'USD' }
  const { body: product } = await ask('POST', '/products', staff, {
    name: 'White metal lamp',
    price,
    status: 'active',
    stock: MANY,
  })
  if (!product?.id) return
  const product_id: string = product.id
  const items = [{ product_id, quantity: 2 }]
  const form = formOf([filePart(await picture())])
  await ask('POST', `/products/${product_id}/images`, { ...staff, ...form.headers }, form.raw)
  await ask('POST', '/auth/me/addresses', customer, ADDRESS)
  await ask('POST', '/cart/items', customer, { product_id, quantity: 1 })
  await ask('POST', '/wishlist/items', customer, { product_id })
  await ask('POST', '/wishlist/share', customer)

  const order = async (payment_method: string) => {
    const { body } = await ask('POST', '/orders', customer, {
      items,
      payment_method,
      shipping_address: ADDRESS,
    })
    return `/orders/${body?.id ?? 'none'}`
  }
  await order('cash_on_delivery')
  const held = await order('card')
  await ask('POST', `${held}/payments`, customer, { method: 'tok_requires_action' })
  const paid = await order('card')
  await ask('POST', `${paid}/payments`, customer, { method: 'tok_success' })
  for (const status of ['processing', 'shipped', 'delivered']) await ask('PUT', paid, staff, { status })
  await ask('POST', `${paid}/returns`, customer, { items: [{ product_id, quantity: 1 }] })
  await ask('POST', `/products/${product_id}/reviews`, customer, {
    rating: 4,
    title: 'Bright',
    body: 'Lights the porch.',
  })
}
