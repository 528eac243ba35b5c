import type { Orders } from '../orders/orders.ts'
import type { User } from '../users/schema.ts'
import type { Users } from '../users/users.ts'
import {
  changeNoticeWords,
  changeWords,
  emailChangedWords,
  passwordChangedWords,
  resetWords,
  verificationWords,
  welcomeWords,
} from './account-text-rules.ts'
import { cancelledWords, confirmedWords, refundedWords, shippedWords } from './order-text-rules.ts'
import { asHtml, asText, type Words } from './render-rules.ts'
import { type LinkPurpose, type Mail, TOLD_KINDS } from './schema.ts'

export interface ComposingNeeds {
  users: Pick<Users, 'find' | 'stampOf'>
  orders: Pick<Orders, 'find'>
  /** The token of a link for the account as it is now; `email` is the address that it is to have. */
  linkToken(purpose: LinkPurpose, user: User, email?: string): string
  /** What links begin with, without a slash at the end. */
  base_url: string
  shop_name: string
}

/** A mail in words, and where it goes. */
export interface Composed {
  /** Nobody asked for it, and nobody has confirmed the address: it may be a stranger's. */
  unconfirmed: boolean
  to: string
  subject: string
  text: string
  html: string
}

const PAGES: Record<LinkPurpose, string> = {
  reset: 'reset-password',
  verify: 'verify-email',
  change: 'verify-email',
}

/** Puts a mail into words from what the account and the order are now. */
export function createComposing({ users, orders, linkToken, base_url, shop_name }: ComposingNeeds) {
  /** The token stands behind the `#`, which no browser sends to a server or names as a referrer. */
  function link(purpose: LinkPurpose, user: User, email?: string): string {
    return `${base_url}/${PAGES[purpose]}#token=${linkToken(purpose, user, email)}`
  }

  async function wordsFor(mail: Mail, user: User): Promise<Words | undefined> {
    const verified = user.email_verified_at !== undefined
    switch (mail.kind) {
      case 'welcome':
        return welcomeWords(shop_name, verified ? undefined : link('verify', user))
      case 'email_verification':
        return verified ? undefined : verificationWords(link('verify', user))
      case 'password_reset':
        return user.status === 'active' ? resetWords(link('reset', user)) : undefined
      case 'password_changed':
        return passwordChangedWords()
      case 'email_change':
        return changeWords(link('change', user, mail.to))
      case 'email_change_notice':
        return changeNoticeWords()
      case 'email_changed':
        return emailChangedWords()
      default:
        return orderWords(mail, verified)
    }
  }

  async function orderWords(mail: Mail, verified: boolean): Promise<Words | undefined> {
    const order = mail.order_id === undefined ? undefined : await orders.find(mail.order_id)
    if (!order) return undefined
    const cancelled = order.status === 'cancelled'
    switch (mail.kind) {
      case 'order_confirmed':
        return cancelled ? undefined : confirmedWords(order, verified)
      case 'order_shipped':
        return cancelled ? undefined : shippedWords(order, verified)
      case 'order_cancelled':
        return cancelledWords(order)
      default:
        return mail.amount && refundedWords(order, mail.amount)
    }
  }

  /** Undefined when there is nobody to say it to, or what it would say is no longer so. */
  return async function compose(mail: Mail): Promise<Composed | undefined> {
    const user = mail.user_id === undefined ? undefined : await users.find(mail.user_id)
    if (!user || (user.status !== 'active' && user.status !== 'deactivated')) return undefined
    if (mail.stamp !== undefined && mail.stamp !== users.stampOf(user)) return undefined
    const words = await wordsFor(mail, user)
    if (!words) return undefined
    const { subject } = words
    const is_told = TOLD_KINDS.some((kind) => kind === mail.kind)
    return {
      unconfirmed: is_told && user.email_verified_at === undefined,
      to: mail.to ?? user.email,
      subject,
      text: asText(words, shop_name),
      html: asHtml(words, shop_name),
    }
  }
}
