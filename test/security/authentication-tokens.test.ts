import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { newId } from '../../src/kernel/ids.ts'
import { keyId } from '../../src/shop/auth/tokens.ts'
import { type Accounts, openAccounts, SECRET } from '../support/accounts.ts'
import { sendRaw, statusOf } from '../support/http-raw.ts'

type Json = Record<string, unknown>
const HASHES = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token made by hand: what an attacker, or a server with another idea, would send. */
function forge(
  header: Json,
  payload: unknown,
  key: string | Buffer = SECRET,
  alg: keyof typeof HASHES = 'HS256',
): string {
  const input = `${encode(header)}.${typeof payload === 'string' ? payload : encode(payload)}`
  return `${input}.${createHmac(HASHES[alg], key).update(input).digest('base64url')}`
}

async function genuine(shop: Accounts) {
  const { access_token } = await shop.register('a@x.org')
  const [header, payload] = access_token
    .split('.')
    .slice(0, 2)
    .map((part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()))
  return { access_token: access_token as string, header: header as Json, payload: payload as Json }
}

async function refuses(shop: Accounts, tokens: Record<string, string>) {
  for (const [what, token] of Object.entries(tokens)) {
    const { status, body } = await shop.as(token).get('/auth/me')
    assert.equal(status, 401, what)
    assert.match(body.code, /^(invalid_token|token_expired|unauthenticated)$/, what)
  }
}

test('a token made by hand just as the server makes them is good, so the refusals below are for their faults', async (t) => {
  const shop = await openAccounts(t)
  const { header, payload } = await genuine(shop)
  assert.deepEqual(header, { alg: 'HS256', typ: 'at+jwt', kid: keyId(SECRET) })
  assert.equal((await shop.as(forge(header, payload)).get('/auth/me')).status, 200)
})

test('API2-15 a token counts in one proper header only', async (t) => {
  const shop = await openAccounts(t)
  const { access_token } = await genuine(shop)
  assert.equal((await shop.anon.get(`/auth/me?access_token=${access_token}`)).status, 401)
  const raw = (lines: string[]) =>
    sendRaw(
      shop.url,
      `GET /auth/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${lines.join('\r\n')}\r\n\r\n`,
    )
  const one = `Authorization: Bearer ${access_token}`
  assert.equal(statusOf(await raw([one])), 200)
  assert.equal(statusOf(await raw([one, one])), 401)
  assert.equal(statusOf(await raw([`Authorization: bearer\t${access_token}`])), 401)
})

test('API2-16 a token without a signature is none', async (t) => {
  const shop = await openAccounts(t)
  const { header, payload, access_token } = await genuine(shop)
  const unsigned = (alg: string) => `${encode({ ...header, alg })}.${encode(payload)}.`
  await refuses(shop, {
    none: unsigned('none'),
    nOnE: unsigned('nOnE'),
    empty: access_token.slice(0, access_token.lastIndexOf('.') + 1),
    'none with a signature': forge({ ...header, alg: 'none' }, payload),
  })
})

test('API2-17 API2-18 only HMAC-SHA-256 under the key of the shop signs', async (t) => {
  const shop = await openAccounts(t)
  const { header, payload } = await genuine(shop)
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey.export({
    type: 'spki',
    format: 'pem',
  })
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
    type: 'spki',
    format: 'pem',
  })
  await refuses(shop, {
    'RSA public key': forge(header, payload, rsa),
    'EC public key': forge(header, payload, ec),
    'RS256 by name': forge({ ...header, alg: 'RS256' }, payload),
    HS512: forge({ ...header, alg: 'HS512' }, payload, SECRET, 'HS512'),
    HS384: forge({ ...header, alg: 'HS384' }, payload, SECRET, 'HS384'),
    'no alg': forge({ typ: header.typ, kid: header.kid }, payload),
    'another key': forge(header, payload, `${SECRET}!`),
  })
})

test('API2-19 API2-20 a token says when it begins and ends, and is believed in between only', async (t) => {
  const shop = await openAccounts(t)
  const { header, payload } = await genuine(shop)
  const now = Math.floor(Date.now() / 1_000)
  const { exp: _, ...endless } = payload
  const text = JSON.stringify(payload).replace(/"exp":\d+/, '"exp":1e999')
  const endlessJson = Buffer.from(text).toString('base64url')
  await refuses(shop, {
    'no exp': forge(header, endless),
    'exp past': forge(header, { ...payload, exp: now - 1 }),
    'exp as string': forge(header, { ...payload, exp: String(now + 900) }),
    'exp null': forge(header, { ...payload, exp: null }),
    'exp huge': forge(header, endlessJson),
    'nbf future': forge(header, { ...payload, nbf: now + 3_600 }),
    'nbf as string': forge(header, { ...payload, nbf: 'soon' }),
    'iat a day ahead': forge(header, { ...payload, iat: now + 86_400 }),
    'iat as string': forge(header, { ...payload, iat: 'now' }),
    'lives too long ago': forge(header, { ...payload, iat: 1, exp: 2 }),
  })
})

test('a token that was good is refused when its time is over', async (t) => {
  const shop = await openAccounts(t)
  const { access_token } = await genuine(shop)
  const me = shop.as(access_token)
  assert.equal((await me.get('/auth/me')).status, 200)
  shop.clock.turn(900_000)
  const { status, body } = await me.get('/auth/me')
  assert.equal(status, 401)
  assert.equal(body.code, 'token_expired')
})

test('API2-21 tokens of another issuer or for another audience are none', async (t) => {
  const shop = await openAccounts(t)
  const { header, payload } = await genuine(shop)
  const { iss: _, ...anonymous } = payload
  await refuses(shop, {
    iss: forge(header, { ...payload, iss: 'other' }),
    'no iss': forge(header, anonymous),
    aud: forge(header, { ...payload, aud: 'other' }),
    'aud of several': forge(header, { ...payload, aud: { admin: true } }),
    typ: forge({ ...header, typ: 'JWT' }, payload),
    'no typ': forge({ alg: 'HS256', kid: header.kid }, payload),
  })
})

test('API2-22 a refresh token opens nothing, and an access token refreshes nothing', async (t) => {
  const shop = await openAccounts(t)
  const { access_token, refresh_token } = await shop.register('a@x.org')
  assert.equal((await shop.as(refresh_token).get('/auth/me')).status, 401)
  for (const token of [access_token, 'x', `${refresh_token}x`, 'ses_1.x']) {
    const { status } = await shop.anon.post('/auth/refresh', { refresh_token: token })
    assert.equal(status, 401, token)
  }
})

test('API2-23 API2-25 nothing in a header leads the server anywhere', async (t) => {
  const shop = await openAccounts(t)
  const { header, payload } = await genuine(shop)
  const headers: Record<string, Json> = {
    'crit unknown': { ...header, crit: ['exp'] },
    'crit odd': { ...header, crit: 'x', x: 1 },
    jku: { ...header, jku: 'http://127.0.0.1:1/keys' },
    jwk: { ...header, jwk: { kty: 'oct', k: 'AAAA' } },
    x5u: { ...header, x5u: 'http://127.0.0.1:1/' },
    'kid path': { ...header, kid: '../../../../dev/null' },
    'kid SQL': { ...header, kid: "' OR 1=1 --" },
    'kid object': { ...header, kid: { toString: 'x' } },
    'kid missing': { alg: 'HS256', typ: 'at+jwt' },
    'kid prototype': { ...header, kid: '__proto__' },
  }
  await refuses(
    shop,
    Object.fromEntries(Object.entries(headers).map(([what, odd]) => [what, forge(odd, payload)])),
  )
})

test('API2-24 API2-40 a token has one spelling', async (t) => {
  const shop = await openAccounts(t)
  const { access_token, header, payload } = await genuine(shop)
  const [head, body, signature = ''] = access_token.split('.')
  // A signature has one of the two characters more often than not, but not always.
  const withUrlCharacter = Array.from({ length: 50 }, (_, earlier) =>
    forge(header, { ...payload, iat: Number(payload.iat) - earlier }),
  ).find((token) => /[-_]/.test(token))
  assert.ok(withUrlCharacter)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const spare = alphabet[alphabet.indexOf(signature.at(-1)!) ^ 1]!
  await refuses(shop, {
    trailing: `${access_token}A`,
    'spare bits': `${access_token.slice(0, -1)}${spare}`,
    padding: `${access_token}=`,
    plus: withUrlCharacter.replaceAll(/[-_]/g, '+'),
    'three empty': '..',
    two: `${head}.${body}`,
    four: `${access_token}.x`,
    five: `${access_token}.x.y`,
    'no JSON': forge(header, Buffer.from('hello').toString('base64url')),
    'a list': forge(header, [payload]),
    null: forge(header, null),
  })
  const long = await sendRaw(
    shop.url,
    `GET /auth/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${'a'.repeat(100_000)}\r\n\r\n`,
  )
  assert.equal(statusOf(long), 431)
  assert.equal((await shop.as('a'.repeat(8_000)).get('/auth/me')).status, 401)
})

test('API2-26 a subject is the id of a user, and of the one whose session it is', async (t) => {
  const shop = await openAccounts(t)
  const { header, payload } = await genuine(shop)
  const other = await shop.register('b@x.org')
  const { sub: _, ...nobody } = payload
  await refuses(shop, {
    object: forge(header, { ...payload, sub: { $ne: null } }),
    number: forge(header, { ...payload, sub: 7 }),
    missing: forge(header, nobody),
    list: forge(header, { ...payload, sub: [payload.sub] }),
    'no session': forge(header, { ...payload, sid: 7 }),
  })
  for (const claims of [{ sub: other.user.id }, { sub: newId('usr') }, { sid: newId('ses') }]) {
    assert.equal((await shop.as(forge(header, { ...payload, ...claims })).get('/auth/me')).status, 401)
  }
})

test('a key that was replaced signs nothing any more, the previous one is still believed', async (t) => {
  const shop = await openAccounts(t)
  const { access_token } = await genuine(shop)
  const next = 'another key of tests, also of thirty-two bytes'
  const rotated = await openAccounts(t, { storage: shop.storage, keys: { current: next, previous: SECRET } })
  assert.equal((await rotated.as(access_token).get('/auth/me')).status, 200)
  const replaced = await openAccounts(t, { storage: shop.storage, keys: { current: next } })
  assert.equal((await replaced.as(access_token).get('/auth/me')).status, 401)
})
