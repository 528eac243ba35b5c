import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceOf, userAgentFamily } from './user-agent.ts'

test('of a user agent only the family stays', () => {
  const chrome =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
  assert.equal(userAgentFamily(chrome), 'Chrome')
  assert.equal(userAgentFamily(`${chrome} Edg/140.0.0.0`), 'Edge')
  assert.equal(
    userAgentFamily('Mozilla/5.0 (Macintosh) AppleWebKit/605 (KHTML) Version/18.0 Safari/605'),
    'Safari',
  )
  assert.equal(userAgentFamily('curl/8'), 'other')
  assert.equal(userAgentFamily(undefined), 'none')
})

test('a device is named by the families of its browser and its system', () => {
  const agents = {
    'Firefox on Windows': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'Chrome on Android':
      'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
    'Safari on iOS':
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 (KHTML, like Gecko) Version/18.0 Safari/604',
    other: 'curl/8',
  }
  for (const [device, agent] of Object.entries(agents)) assert.equal(deviceOf(agent), device)
  assert.equal(deviceOf(undefined), 'none')
})
