import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { type RunningShop, startShop } from '../support/shop.ts'
import { temporaryDirectory } from '../support/storage.ts'

export const HEADER = 'invoice,stock_code,description,quantity,invoiced_at,unit_price,customer_id,country'
export const WHEN = '2010-12-01T08:26:00'

/** A shop in pounds, and a file of invoices beside it. */
export async function openShop(t: TestContext, file: { name: string; content: Buffer | string }) {
  const directory = temporaryDirectory(t)
  const path = join(directory, file.name)
  writeFileSync(path, file.content)
  const shop = await startShop({ environment: { CURRENCY: 'GBP' } })
  t.after(() => shop.stop())
  return { shop, path }
}

/** Runs the tool against the shop until it ends. */
export async function replay(shop: RunningShop, ...args: string[]) {
  const child = spawn(process.execPath, ['tools/replay.ts', ...args, '--url', shop.url], { stdio: 'pipe' })
  const { promise, resolve } = Promise.withResolvers<number | null>()
  child.on('close', resolve)
  const [output, errors, status] = await Promise.all([text(child.stdout), text(child.stderr), promise])
  return { output: output + errors, status }
}
