import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunningShop } from '../support/shop.ts'

const TOOLS = join(import.meta.dirname, '../../tools')

/** Backups are of the embedded pair, whatever pair the tests run on. */
export const EMBEDDED = { MONGODB_URL: undefined, KAFKA_BOOTSTRAP_SERVERS: undefined }

const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }

export interface Run {
  status: number | null
  /** All that it wrote. */
  output: string
}

/** Runs `npm run backup` or `npm run restore` in a process of its own, for this DATA_DIR. */
export async function command(
  name: 'backup' | 'restore',
  folders: readonly string[],
  environment: Record<string, string>,
): Promise<Run> {
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, [join(TOOLS, `${name}.ts`), ...folders], {
    // Where nobody has left a file with variables.
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, HOME, ...environment },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output += text
    })
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { status, output }
}

/** A product on sale, and how a customer orders one piece of it. */
export async function openStore(shop: RunningShop) {
  const staff = await shop.asStaff()
  const price = { amount: 1_999, currency: 'USD' }
  const lamp = { name: 'Lamp', price, status: 'active', stock: 100 }
  const { id } = (await staff.post('/products', lamp)).body
  const order = {
    items: [{ product_id: id, quantity: 1 }],
    payment_method: 'cash_on_delivery',
    shipping_address: ADDRESS,
  }
  return { staff, order }
}
