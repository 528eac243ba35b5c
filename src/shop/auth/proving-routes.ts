import { Type } from 'typebox'
import { type App, userOf } from '../../http/app.ts'
import { quotaKey } from '../../http/client-address.ts'
import { UserView } from '../users/schema.ts'
import type { Auth } from './auth.ts'
import { EmailChange, EmailProof, ForgottenPassword, PasswordReset } from './link-schema.ts'

const tags = ['accounts']
const Taken = Type.Object({ status: Type.Literal('accepted') }, { description: 'A mail may follow' })
const TAKEN = { status: 'accepted' } as const
const Done = Type.Null({ description: 'Done' })

/** Forgotten passwords and addresses that have to be shown to be one's own. */
export function provingRoutes(app: App, { auth }: { auth: Auth }): void {
  forgottenPasswords(app, auth)
  addresses(app, auth)
}

function forgottenPasswords(app: App, auth: Auth): void {
  app.post(
    '/auth/forgot-password',
    {
      config: { access: 'anyone', bucket: 'login', ownToken: true },
      schema: {
        tags,
        summary: 'Have a link mailed that sets a new password',
        description:
          'The answer is the same whether or not there is such an account. At most three mails an hour go to an address.',
        body: ForgottenPassword,
        response: { 202: Taken },
      },
    },
    async (request, reply) => {
      await auth.forgotPassword(request.body.email)
      return reply.code(202).send(TAKEN)
    },
  )

  app.post(
    '/auth/reset-password',
    {
      config: { access: 'anyone', bucket: 'login', ownToken: true },
      schema: {
        tags,
        summary: 'Set a new password with the token of a mailed link; every session ends',
        description: 'A token is good once, for 30 minutes.',
        body: PasswordReset,
        response: { 204: Done },
      },
    },
    async (request, reply) => {
      await auth.resetPassword(request.body, quotaKey(request.address))
      return reply.code(204).send(null)
    },
  )
}

function addresses(app: App, auth: Auth): void {
  app.post(
    '/auth/send-verification',
    {
      config: { access: 'user', bucket: 'login' },
      schema: {
        tags,
        summary: 'Have the link mailed again that confirms the own e-mail',
        description: 'At most three mails an hour.',
        response: { 202: Taken },
      },
    },
    async (request, reply) => {
      await auth.sendVerification(userOf(request))
      return reply.code(202).send(TAKEN)
    },
  )

  app.post(
    '/auth/verify-email',
    {
      config: { access: 'user', bucket: 'login', fresh: true },
      schema: {
        tags,
        summary: 'Confirm the own e-mail, or a new one, with the token of a mailed link',
        description:
          'A token is good once, for 24 hours, and for the account that it was made for. Confirming the own e-mail with it twice answers alike.',
        body: EmailProof,
        response: { 200: UserView },
      },
    },
    (request) => auth.verifyEmail(userOf(request), request.body.token),
  )

  app.post(
    '/auth/change-email',
    {
      config: { access: 'user', bucket: 'login', fresh: true },
      schema: {
        tags,
        summary: 'Ask for another e-mail; it changes when the link that is mailed there is opened',
        description: 'A notice goes to the old address. At most three an hour.',
        body: EmailChange,
        response: { 202: Taken },
      },
    },
    async (request, reply) => {
      await auth.changeEmail(userOf(request), request.body, quotaKey(request.address))
      return reply.code(202).send(TAKEN)
    },
  )
}
