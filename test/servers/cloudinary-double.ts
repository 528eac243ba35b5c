import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const DOUBLE_ACCOUNT = {
  cloud_name: 'double',
  api_key: '123456789012345',
  api_secret: 'a-secret-of-tests',
}
/** What is not signed, by the documentation. */
const UNSIGNED = new Set(['file', 'cloud_name', 'resource_type', 'api_key', 'signature'])
const SIGNATURE_LIFE_S = 3_600

export interface Asset {
  bytes: Buffer
  eager: string[]
  version: number
}

export interface Asked {
  action: string
  form: Record<string, string>
  /** The whole request as text: nothing secret may be in it. */
  text: string
}

/** Answers in its own way, knowing the honest answer. */
export type Misbehaviour = (response: ServerResponse, honest: object) => void

export interface CloudinaryDouble {
  url: string
  asked: Asked[]
  assets: Map<string, Asset>
  /** The next requests are done and answered like this, until it is called with nothing; `lost`: they are not done. */
  misbehave(how?: Misbehaviour, options?: { lost?: boolean }): void
  close(): Promise<void>
}

/**
 * The upload API of Cloudinary with its assets, in memory: it wants every parameter signed, which it checks by the documented rule, and
 * an hour at most between the signing and the call. It knows nothing of the shop.
 */
export async function startCloudinaryDouble(): Promise<CloudinaryDouble> {
  const asked: Asked[] = []
  const assets = new Map<string, Asset>()
  let misbehaviour: Misbehaviour | undefined
  let lost = false
  let version = 1_700_000_000

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bytesOf(request)
    const [, api, cloud, kind, action] = (request.url ?? '').split('/')
    const headers = { 'content-type': request.headers['content-type'] ?? '' }
    const fields = await new Response(new Uint8Array(body), { headers }).formData()
    const form = Object.fromEntries([...fields].flatMap(([n, v]) => (typeof v === 'string' ? [[n, v]] : [])))
    const text = `${request.url} ${JSON.stringify(request.headers)} ${body.toString('latin1')}`
    asked.push({ action: action ?? '', form, text })
    if (misbehaviour && lost) return misbehaviour(response, {})
    const right = api === 'v1_1' && kind === 'image' && cloud === DOUBLE_ACCOUNT.cloud_name
    const [status, answer] = right
      ? await answered(action, form, fields.get('file'))
      : [404, { error: { message: 'unknown' } }]
    if (misbehaviour) return misbehaviour(response, answer)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  }

  async function answered(
    action: string | undefined,
    form: Record<string, string>,
    file: ReturnType<FormData['get']>,
  ): Promise<[number, object]> {
    const fault = faultOf(form)
    if (fault) return [401, { error: { message: fault } }]
    const id = form.public_id ?? ''
    if (action === 'destroy') return [200, { result: assets.delete(id) ? 'ok' : 'not found' }]
    if (!(file instanceof Blob)) return [400, { error: { message: 'Missing required parameter - file' } }]
    const kept = form.overwrite === 'false' ? assets.get(id) : undefined
    const eager = (form.eager ?? '').split('|')
    const asset = kept ?? { bytes: Buffer.from(await file.arrayBuffer()), eager, version: version++ }
    assets.set(id, asset)
    const base = `https://res.cloudinary.com/${DOUBLE_ACCOUNT.cloud_name}/image/upload`
    return [
      200,
      {
        public_id: id,
        version: asset.version,
        secure_url: `${base}/v${asset.version}/${id}.png`,
        eager: asset.eager.map((wish) => {
          const [transformation, format] = wish.split('/')
          const secure_url = `${base}/${transformation}/v${asset.version}/${id}.${format}`
          return { transformation: wish, secure_url }
        }),
        ...(kept && { existing: true }),
      },
    ]
  }

  const server = createServer((request, response) => void serve(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    assets,
    misbehave(how, options = {}) {
      misbehaviour = how
      lost = options.lost ?? false
    },
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** Why a call is not believed. */
function faultOf(form: Record<string, string>): string | undefined {
  if (form.api_key !== DOUBLE_ACCOUNT.api_key) return 'Invalid api_key'
  const signed = Object.entries(form).filter(([name, value]) => !UNSIGNED.has(name) && value !== '')
  const text = signed
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
  const wanted = createHash('sha1')
    .update(text + DOUBLE_ACCOUNT.api_secret)
    .digest('hex')
  if (form.signature !== wanted) return `Invalid Signature ${form.signature}. String to sign - '${text}'.`
  const age_s = Math.abs(Date.now() / 1_000 - Number(form.timestamp))
  return age_s < SIGNATURE_LIFE_S ? undefined : 'Stale request'
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
