import type { Values } from './config.ts'

/** The first administrator of the documentation, whom everybody knows. */
export const DEFAULT_ADMINISTRATOR = { email: 'admin@ecommerce.com', password: 'admin123' } as const

/** Options of an engine without the one that switches it on would be ignored in silence. */
export function incomplete(config: Values): string[] {
  return [
    ...incompleteKafka(config),
    ...incompleteStripe(config),
    ...incompleteTestProvider(config),
    ...incompleteCloudinary(config),
    ...incompleteMail(config),
  ]
}

function incompleteKafka(config: Values): string[] {
  const faults: string[] = []
  const { KAFKA_BOOTSTRAP_SERVERS, KAFKA_API_KEY, KAFKA_API_SECRET, KAFKA_CA_FILE } = config
  if (!KAFKA_BOOTSTRAP_SERVERS && (KAFKA_API_KEY ?? KAFKA_API_SECRET ?? KAFKA_CA_FILE) !== undefined)
    faults.push(
      'KAFKA_API_KEY, KAFKA_API_SECRET or KAFKA_CA_FILE is set, but KAFKA_BOOTSTRAP_SERVERS is absent',
    )
  if ((KAFKA_API_KEY === undefined) !== (KAFKA_API_SECRET === undefined))
    faults.push('KAFKA_API_KEY and KAFKA_API_SECRET belong together; one of them is absent')
  return faults
}

/** What Stripe tells by itself could not be believed without the secret of the endpoint. */
function incompleteStripe(config: Values): string[] {
  const faults: string[] = []
  const { STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_PREVIOUS_WEBHOOK_SECRET } = config
  if ((STRIPE_SECRET_KEY === undefined) !== (STRIPE_WEBHOOK_SECRET === undefined))
    faults.push('STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET belong together; one of them is absent')
  else if (
    STRIPE_SECRET_KEY === undefined &&
    (STRIPE_PREVIOUS_WEBHOOK_SECRET ?? config.STRIPE_RETURN_URL ?? config.STRIPE_API_URL) !== undefined
  )
    faults.push(
      'STRIPE_PREVIOUS_WEBHOOK_SECRET, STRIPE_RETURN_URL or STRIPE_API_URL is set, but STRIPE_SECRET_KEY is absent',
    )
  return faults
}

function incompleteTestProvider({ TEST_PROVIDER_URL, TEST_PROVIDER_SECRET }: Values): string[] {
  if (TEST_PROVIDER_URL === undefined || TEST_PROVIDER_SECRET !== undefined) return []
  return ['TEST_PROVIDER_URL is set, but TEST_PROVIDER_SECRET, which both sides need, is absent']
}

function incompleteCloudinary(config: Values): string[] {
  const { CLOUDINARY_CLOUD_NAME, CLOUDINARY_API_KEY, CLOUDINARY_API_SECRET, CLOUDINARY_API_URL } = config
  const account = [CLOUDINARY_CLOUD_NAME, CLOUDINARY_API_KEY, CLOUDINARY_API_SECRET]
  const given = account.filter((value) => value !== undefined).length
  if (given > 0 && given < account.length)
    return [
      'CLOUDINARY_CLOUD_NAME, CLOUDINARY_API_KEY and CLOUDINARY_API_SECRET belong together; one of them is absent',
    ]
  if (given === 0 && CLOUDINARY_API_URL !== undefined)
    return ['CLOUDINARY_API_URL is set, but CLOUDINARY_CLOUD_NAME is absent']
  return []
}

/** A mail without a sender is nobody's, and one whose links lead nowhere is of no use. */
function incompleteMail({ SMTP_URL, MAIL_FROM, PUBLIC_URL }: Values): string[] {
  if (SMTP_URL === undefined) return []
  const faults: string[] = []
  if (MAIL_FROM === undefined) faults.push('SMTP_URL is set, but MAIL_FROM, who mails are from, is absent')
  if (PUBLIC_URL === undefined)
    faults.push('SMTP_URL is set, but PUBLIC_URL, which links in mails begin with, is absent')
  return faults
}

/** What a shop that is open to everybody must not be started with. */
export function unsafeInProduction(config: Values): string[] {
  if (config.NODE_ENV !== 'production') return []
  const faults: string[] = []
  if (config.ADMIN_EMAIL.trim().toLowerCase() === DEFAULT_ADMINISTRATOR.email)
    faults.push(
      'ADMIN_EMAIL is the default, an address of strangers who could ask for a new password; set your own',
    )
  if (config.ADMIN_PASSWORD === DEFAULT_ADMINISTRATOR.password)
    faults.push('ADMIN_PASSWORD is the default, which everybody knows; set one of your own')
  if (!config.JWT_SECRET_KEY)
    faults.push('JWT_SECRET_KEY is absent; production needs one of at least 32 bytes')
  else if (/^(.)\1*$|secret|change.?me|example|password/i.test(config.JWT_SECRET_KEY))
    faults.push('JWT_SECRET_KEY looks like a sample value; make one with: openssl rand -base64 48')
  if (config.CLOCK_OFFSET_FILE !== undefined)
    faults.push('CLOCK_OFFSET_FILE is set, but the clock of production is not moved')
  if (config.BCRYPT_COST < 10)
    faults.push(`BCRYPT_COST is ${config.BCRYPT_COST}, but must be at least 10 in production`)
  if (config.TEST_PROVIDER_URL !== undefined || config.TEST_PROVIDER_SECRET !== undefined)
    faults.push('TEST_PROVIDER_URL or TEST_PROVIDER_SECRET is set, but production takes no money of a test')
  if (config.STRIPE_SECRET_KEY && !/^[rs]k_live_/.test(config.STRIPE_SECRET_KEY))
    faults.push(
      "STRIPE_SECRET_KEY is a key of Stripe's test mode, which takes no money; production needs a live one",
    )
  if (config.STRIPE_API_URL)
    faults.push('STRIPE_API_URL is set, which is for tests; production asks Stripe itself')
  if (config.CLOUDINARY_API_URL)
    faults.push('CLOUDINARY_API_URL is set, which is for tests; production asks Cloudinary itself')
  return faults
}
