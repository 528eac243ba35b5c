import sharp, { type Sharp } from 'sharp'
import type { Answer, Client } from './http-client.ts'

export type Part = { name: string; value: string | Uint8Array; filename?: string; type?: string }

const BOUNDARY = 'a-boundary-of-tests'

/** A form as browsers send it. */
export function formOf(parts: readonly Part[]): { raw: Buffer; headers: Record<string, string> } {
  const pieces = parts.flatMap(({ name, value, filename, type }) => [
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"`,
    ...(filename === undefined ? [] : [`; filename="${filename}"`]),
    ...(type === undefined ? [] : [`\r\nContent-Type: ${type}`]),
    '\r\n\r\n',
    value,
    '\r\n',
  ])
  const raw = Buffer.concat([...pieces, `--${BOUNDARY}--\r\n`].map((piece) => Buffer.from(piece as string)))
  return { raw, headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` } }
}

/** A file in the part that the shop wants it in. */
export function filePart(value: Uint8Array, filename = 'a picture.png'): Part {
  return { name: 'file', value, filename, type: 'image/png' }
}

export interface UploadOptions {
  fields?: Record<string, string>
  headers?: Record<string, string>
  filename?: string
}

/** Sends a file as an image of a product. */
export function upload(
  client: Client,
  product: string,
  bytes: Uint8Array,
  { fields = {}, headers = {}, filename }: UploadOptions = {},
): Promise<Answer> {
  const form = formOf([
    ...Object.entries(fields).map(([name, value]) => ({ name, value })),
    filePart(bytes, filename),
  ])
  const all = { ...form.headers, ...headers }
  return client.request('POST', `/products/${product}/images`, { raw: form.raw, headers: all })
}

export type Format = 'jpeg' | 'png' | 'webp' | 'avif'

/** A picture with a left half in red and a right one in blue. */
export function picture({ width = 40, height = 20, format = 'png' as Format } = {}): Promise<Buffer> {
  return painted(width, height).toFormat(format).toBuffer()
}

/** The same, not yet of any format. */
export function painted(width: number, height: number): Sharp {
  const right = { width: Math.ceil(width / 2), height, channels: 3 as const, background: 'blue' }
  return sharp({ create: { width, height, channels: 3, background: 'red' } }).composite([
    { input: { create: right }, left: Math.floor(width / 2), top: 0 },
  ])
}

export { sharp }
