import { readFileSync } from 'node:fs'
import { fastify } from 'fastify'

/** `ceiling.ts answer FILE PORT` answers the bytes of FILE; `take` validates bodies against the schema in FILE and throws them away. */
const [kind, file = '', port] = process.argv.slice(2)
const app = fastify({ bodyLimit: 4 * 1_024 * 1_024 })
const text = readFileSync(file, 'utf8')
if (kind === 'answer') {
  app.get('/', (_, reply) => reply.type('application/json; charset=utf-8').send(text))
} else {
  const schema = { body: JSON.parse(text) as object }
  app.get('/', () => 'ok')
  app.post('/', { schema }, () => ({ taken: true }))
}
await app.listen({ port: Number(port), host: '127.0.0.1' })
process.on('SIGTERM', () => process.exit(0))
