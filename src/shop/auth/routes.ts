import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { demandSound } from '../../http/all-faults.ts'
import { type App, userOf } from '../../http/app.ts'
import { quotaKey } from '../../http/client-address.ts'
import { etagOf, expectedVersion } from '../../http/etag.ts'
import { ProfileChange, Registration, UserView } from '../users/schema.ts'
import type { Auth, Caller } from './auth.ts'
import { provingRoutes } from './proving-routes.ts'
import { Credentials, PasswordChange, RefreshBody } from './requests-schema.ts'
import { SessionList, SignedIn, TokenPair } from './schema.ts'

const Nothing = Type.Null({ description: 'Done' })
const SessionParams = Type.Object({ id: Type.String({ maxLength: 64 }) }, { additionalProperties: false })

/** Signing up, in and out, and one's own profile. */
export function authRoutes(app: App, { auth }: { auth: Auth }): void {
  signingIn(app, auth)
  signingOut(app, auth)
  ownAccount(app, auth)
  ownDevices(app, auth)
  provingRoutes(app, { auth })
}

/** An access token that comes along, perhaps a stale one, is of no matter here. */
function signingIn(app: App, auth: Auth): void {
  app.post(
    '/auth/register',
    {
      attachValidation: true,
      config: { access: 'anyone', bucket: 'register', endsGuestSession: true, ownToken: true },
      schema: {
        tags: ['accounts'],
        summary: 'Make an account and sign in; the cart of a guest comes along',
        description: 'At most five an hour from one address, refused ones too.',
        body: Registration,
        response: { 201: SignedIn },
      },
    },
    async (request, reply) => {
      demandSound(request, auth.registrationFaults)
      return reply.code(201).send(await auth.register(request.body, callerOf(request)))
    },
  )

  app.post(
    '/auth/login',
    {
      config: { access: 'anyone', bucket: 'login', endsGuestSession: true, ownToken: true },
      schema: {
        tags: ['accounts'],
        summary: 'Sign in; the cart of a guest comes along',
        description:
          'After ten attempts with a wrong password from one network each further one has to wait longer (429).',
        body: Credentials,
        response: { 200: SignedIn },
      },
    },
    (request) => auth.login(request.body, callerOf(request)),
  )

  app.post(
    '/auth/refresh',
    {
      config: { access: 'anyone', bucket: 'refresh', ownToken: true },
      schema: {
        tags: ['accounts'],
        summary: 'Exchange a refresh token for the next pair',
        description:
          'A token is good once; repeated within 10 seconds it gives the same pair, later it ends the session.',
        body: RefreshBody,
        response: { 200: TokenPair },
      },
    },
    (request) => auth.refresh(request.body.refresh_token),
  )
}

function signingOut(app: App, auth: Auth): void {
  app.post(
    '/auth/logout',
    {
      config: { access: 'user', bucket: 'write' },
      schema: { tags: ['accounts'], summary: 'End this session', response: { 204: Nothing } },
    },
    async (request, reply) => {
      await auth.logout(userOf(request))
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/auth/logout-all',
    {
      config: { access: 'user', bucket: 'write', fresh: true },
      schema: { tags: ['accounts'], summary: 'End all sessions of the account', response: { 204: Nothing } },
    },
    async (request, reply) => {
      await auth.logoutAll(userOf(request))
      return reply.code(204).send(null)
    },
  )
}

function ownAccount(app: App, auth: Auth): void {
  app.get(
    '/auth/me',
    {
      config: { access: 'user', bucket: 'browse' },
      schema: { tags: ['accounts'], summary: 'Own account', response: { 200: UserView } },
    },
    async (request, reply) => {
      const user = await auth.me(userOf(request))
      reply.header('etag', etagOf(user.version, JSON.stringify(user)))
      return user
    },
  )

  app.patch(
    '/auth/me',
    {
      config: { access: 'user', bucket: 'write', versioned: true },
      schema: {
        tags: ['accounts'],
        summary: 'Change the own profile',
        body: ProfileChange,
        response: { 200: UserView },
      },
    },
    (request) => auth.changeMe(userOf(request), request.body, expectedVersion(request)),
  )

  app.post(
    '/auth/change-password',
    {
      config: { access: 'user', bucket: 'login', fresh: true },
      schema: {
        tags: ['accounts'],
        summary:
          'Set a new password; every session ends, this one too, and a new one begins with the tokens answered',
        body: PasswordChange,
        response: { 200: SignedIn },
      },
    },
    (request) => auth.changePassword(userOf(request), request.body, callerOf(request)),
  )
}

function ownDevices(app: App, auth: Auth): void {
  app.get(
    '/auth/sessions',
    {
      config: { access: 'user', bucket: 'browse', fresh: true },
      schema: {
        tags: ['accounts'],
        summary: 'Devices that are signed in to the own account',
        response: { 200: SessionList },
      },
    },
    async (request) => ({ items: await auth.devices(userOf(request)) }),
  )

  app.delete(
    '/auth/sessions/:id',
    {
      config: { access: 'user', bucket: 'write', fresh: true },
      schema: {
        tags: ['accounts'],
        summary: 'Sign a device out',
        params: SessionParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await auth.endDevice(userOf(request), request.params.id)
      return reply.code(204).send(null)
    },
  )
}

function callerOf({
  principal,
  address,
  headers,
}: Pick<FastifyRequest, 'principal' | 'address' | 'headers'>): Caller {
  return { principal, network: quotaKey(address), user_agent: headers['user-agent'] }
}
