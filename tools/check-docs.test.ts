import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pathFaults, quotationFaults } from './check-docs.ts'

const nothing = () => false

test('a path or a link of a page that leads nowhere is a fault, wherever it stands', () => {
  const faults = (text: string) => pathFaults({ path: 'docs/a.md', text }, nothing)
  assert.deepEqual(faults('    npm test -- src/b.test.ts'), [
    'docs/a.md names src/b.test.ts, which is not there',
  ])
  assert.deepEqual(faults('`./scripts/c.sh`'), ['docs/a.md names scripts/c.sh, which is not there'])
  assert.deepEqual(faults('[d](decisions/d.md#here)'), [
    'docs/a.md names docs/decisions/d.md, which is not there',
  ])
  assert.deepEqual(faults('`src/shop/<capability>/`, [e](https://example.org/docs/e), [f](#f)'), [])
  assert.deepEqual(
    pathFaults({ path: 'README.md', text: '[g](docs/g.md)' }, (path) => path === 'docs/g.md'),
    [],
  )
})

test('a message that the README quotes and no code says is a fault', () => {
  const readme =
    '## Troubleshooting\n\n| see | do |\n|---|---|\n| "it is so" / "it is not" | "this" |\n\n## More\n'
  assert.deepEqual(quotationFaults(readme, "throw new Error('it is so')"), [
    'README.md quotes "it is not", which no code says',
  ])
})
