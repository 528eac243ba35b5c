import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readingFaults } from './check-configuration.ts'

const table = {
  path: 'src/config.ts',
  text: "{\n  PORT: variable(port, '8000', 'Port'),\n  HOST: optional(text, 'Address'),",
}
const of = (text: string) => readingFaults([table, { path: 'src/a.ts', text }], ['PORT', 'HOST'])

test('a variable that is read past the table, or that nobody reads, is a fault', () => {
  assert.deepEqual(of('listen(config.PORT, config.HOST)'), [])
  assert.deepEqual(of('const { PORT, HOST: host } = config'), [])
  assert.deepEqual(of('listen(config.PORT)'), ['nobody reads HOST'])
  assert.deepEqual(of('listen(process.env.PORT, config.PORT, config.HOST)'), [
    'src/a.ts reads the environment past src/config.ts',
  ])
})
