import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createJudge } from './judge.ts'

const DOCUMENT = {
  paths: {
    '/lamps/{id}': {
      get: {
        responses: {
          200: { content: { 'application/json': { schema: { type: 'object', required: ['lit'] } } } },
          default: { $ref: '#/components/responses/Problem' },
        },
      },
    },
  },
  components: {
    schemas: {},
    responses: { Problem: { content: { 'application/problem+json': { schema: { type: 'object' } } } } },
  },
}
const ERRORS =
  '| `not_found` | 404 | Nothing. |\n| `busy` | 503 | Wait. |\n| `too_slow` | 503 | Slow. |\n| `internal_error` | 500 | Ours. |'
const judge = createJudge(DOCUMENT, ERRORS)

function verdict(status: number, body?: object, more: Record<string, string> = {}): string | undefined {
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  const headers = new Headers({
    'content-type': type,
    'x-request-id': '1',
    'x-content-type-options': 'nosniff',
    ...more,
  })
  return judge(
    { method: 'GET', path: '/lamps/1' },
    { status, headers, text: body ? JSON.stringify(body) : '' },
  )
}

test('the judge of generated requests lets documented answers pass', () => {
  assert.equal(verdict(200, { lit: true }), undefined)
  assert.equal(verdict(404, { status: 404, code: 'not_found' }), undefined)
  assert.equal(verdict(503, { status: 503, code: 'busy' }, { 'retry-after': '1' }), undefined)
})

test('it refuses failures, and statuses, codes and bodies that are not documented', () => {
  assert.match(verdict(500, { status: 500, code: 'internal_error' })!, /^500/)
  assert.match(verdict(204, { lit: true })!, /not documented/)
  assert.match(verdict(200, { dark: true })!, /does not fit/)
  assert.match(verdict(404, { status: 404, code: 'lamp_not_found' })!, /not in docs/)
  assert.match(verdict(410, { status: 410, code: 'not_found' })!, /not in docs/)
  assert.match(verdict(404, { status: 400, code: 'not_found' })!, /its body says/)
  assert.match(
    verdict(404, { status: 404, code: 'not_found' }, { 'content-type': 'text/html' })!,
    /text\/html is not documented/,
  )
  assert.match(verdict(404)!, /without a problem document/)
  assert.match(verdict(503, { status: 503, code: 'too_slow' }, { 'retry-after': '1' })!, /nothing happened/)
  assert.match(verdict(503, { status: 503, code: 'busy' })!, /when to come again/)
  assert.match(verdict(200, { lit: true }, { 'x-content-type-options': '' })!, /lacks the header/)
})
