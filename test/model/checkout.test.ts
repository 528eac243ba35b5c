import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkoutModel, parseSetting } from './checkout-model.ts'
import { SMALL_RUNS } from './checkout-runs.ts'
import { explore } from './explore.ts'

for (const { setting, fault } of SMALL_RUNS) {
  const title =
    fault === null
      ? `no interleaving breaks the checkout: ${setting}`
      : `the model catches "${fault}": ${setting}`
  test(title, () => {
    const { violations, at_rest } = explore(checkoutModel(parseSetting(setting)))
    if (fault === null) {
      assert.deepEqual([...violations], [])
      assert.ok(at_rest > 0, 'nothing ever came to rest, so nothing was checked there')
    } else {
      assert.ok(
        violations.has(fault),
        `expected "${fault}", found ${[...violations.keys()].join(', ') || 'nothing'}`,
      )
    }
  })
}
