import { READERS } from './config-readers.ts'
import { optional, secret, variable } from './config-variable.ts'

/** Who carries mails, who they are from, and when there are any. */
export const MAIL_VARIABLES = {
  SMTP_URL: secret(
    optional(
      READERS.smtpUrl,
      'Server that carries mails, as `smtps://user:password@host`; absent: they lie as files in DATA_DIR/mail',
    ),
  ),
  MAIL_FROM: optional(
    READERS.mailbox,
    'Sender of mails, as `Shop <orders@shop.example>`; its name is what mails call the shop. Belongs to SMTP_URL',
  ),
  ORDER_MAILS: variable(
    READERS.flag,
    'on',
    'off: customers are not mailed about their orders, for replays and for shops that tell them in another way',
  ),
  VERIFIED_EMAIL_FOR_ORDERS: variable(
    READERS.flag,
    'off',
    'on: only who has confirmed the e-mail of the account may order',
  ),
}
