import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { errorsPage } from './errors-page.ts'
import { refusalsIn, serverSources } from './refusals.ts'

const found = refusalsIn(serverSources())

test('docs/errors.md lists every code with all that is said under it; `npm run docs` writes it', () => {
  assert.equal(readFileSync('docs/errors.md', 'utf8'), errorsPage(found.refusals))
})

test('the kind, the code and a sentence of every refusal can be read off the code', () => {
  assert.deepEqual(found.faults, [])
})

const of = (text: string) => refusalsIn({ 'src/a.ts': text })

test('a sentence is found where it is chosen, named, handed in or kept for later', () => {
  const said = (text: string) => of(text).refusals.flatMap(({ sentences }) => sentences)
  assert.deepEqual(said(`new Refusal('conflict', 'a', x ? 'One.' : \`\${y} is two.\`)`), [
    'One.',
    '… is two.',
  ])
  assert.deepEqual(said("const why = x ? 'One.' : 'Two.'\nnew Refusal('conflict', 'a', why)"), [
    'One.',
    'Two.',
  ])
  assert.deepEqual(
    said("const no = (m: string) => new Refusal('conflict', 'a', m)\nno('One.')\nno('Two.')"),
    ['One.', 'Two.'],
  )
  assert.deepEqual(said("const kept = { kind: 'conflict', code: 'a', message: 'One.' }"), ['One.'])
})

test('a refusal without a literal code or without a sentence is a fault', () => {
  assert.equal(of("new Refusal('conflict', which, 'One.')").faults.length, 1)
  assert.equal(of("new Refusal(kind, 'a', 'One.')").faults.length, 1)
  assert.equal(of("new Refusal('conflict', 'a', unknown)").faults.length, 1)
})
