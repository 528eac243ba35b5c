import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { MAIL_VARIABLES } from './config-mail.ts'
import { READERS } from './config-readers.ts'
import { DEFAULT_ADMINISTRATOR, incomplete, unsafeInProduction } from './config-rules.ts'
import { optional, secret, type Variable, variable } from './config-variable.ts'

const { choice, duration, flag, integer, list, text, url } = READERS

/**
 * The configuration: read once at start from the environment and `.env` (the environment wins), checked
 * variable by variable.
 */
export const VARIABLES = {
  PORT: variable(integer(0, 65_535), '8000', 'Port of the API; 0 takes a free one'),
  HOST: variable(text(1, 255), '127.0.0.1', 'Address the API listens on; 0.0.0.0 for all'),
  NODE_ENV: variable(
    choice('development', 'test', 'production'),
    'development',
    '`production` refuses unsafe defaults',
  ),
  DATA_DIR: variable(
    text(1, 4_096),
    './data',
    'Folder of the embedded storage, the log, the images and the generated secret',
  ),
  MONGODB_URL: secret(
    optional(
      READERS.mongodbUrl,
      'Storage in MongoDB (a replica set, as Atlas gives it) instead of DATA_DIR; the path names the database, else `tradewind`',
    ),
  ),
  KAFKA_BOOTSTRAP_SERVERS: optional(
    READERS.brokers(20),
    'Log in Kafka instead of DATA_DIR: `host:port`, comma separated; make its topics with scripts/setup-kafka.sh',
  ),
  KAFKA_API_KEY: optional(
    text(1, 255),
    'Key of the cluster (SASL/PLAIN over TLS, as Confluent Cloud wants it); absent: no sign-in and no TLS',
  ),
  KAFKA_API_SECRET: secret(optional(text(1, 1_024), 'Secret of KAFKA_API_KEY')),
  KAFKA_CA_FILE: optional(
    text(1, 4_096),
    'File with the certificate of a private authority that signed the brokers; switches TLS on',
  ),
  KAFKA_TOPIC_PREFIX: variable(
    READERS.topicPrefix,
    '',
    'Put before the names of topics and groups where several shops share a cluster',
  ),
  EVENTS_COLLECTION: variable(
    flag,
    'on',
    'Keeps the clickstream so that staff can ask for it: with Kafka a copy in the storage, else an index of the log; off for shops that keep it elsewhere',
  ),
  EVENTS_RETENTION: variable(
    duration(3_600, 3_650 * 86_400),
    '30d',
    'How long that copy or index of the clickstream is kept; the embedded log keeps the clickstream itself as long, and at least 30 days',
  ),
  JWT_SECRET_KEY: secret(
    optional(
      text(32, 1_024),
      'Key of access tokens, at least 32 bytes; outside production one is generated into DATA_DIR',
    ),
  ),
  JWT_PREVIOUS_SECRET_KEY: secret(optional(text(32, 1_024), 'Key still accepted, for rotation by a restart')),
  ACCESS_TOKEN_TTL: variable(duration(60, 86_400), '15m', 'Life of an access token'),
  REFRESH_TOKEN_TTL: variable(duration(3_600, 400 * 86_400), '30d', 'Life of a signed-in device without use'),
  ADMIN_EMAIL: variable(
    text(3, 254),
    DEFAULT_ADMINISTRATOR.email,
    'E-mail of the first super_admin, made only while there is none; production refuses the default',
  ),
  ADMIN_PASSWORD: secret(
    variable(
      text(6, 1_024),
      DEFAULT_ADMINISTRATOR.password,
      'Password of the first super_admin; production refuses the default',
    ),
  ),
  CORS_ORIGINS: variable(
    list(50),
    'http://localhost:3000,http://localhost:5173',
    'Exact origins of browsers that may call, comma separated',
  ),
  TRUST_PROXY: variable(flag, 'false', 'true: the address of a client is the last one of X-Forwarded-For'),
  BCRYPT_COST: variable(
    integer(4, 16),
    '12',
    'Cost of password hashes; production wants 10 or more; a higher value re-hashes at the next login',
  ),
  CURRENCY: variable(READERS.currency, 'USD', "The shop's currency, ISO 4217"),
  ORDER_HOLD_TTL: variable(
    duration(60, 86_400),
    '30m',
    'How long stock is held for an order by card that was not paid',
  ),
  TEST_PROVIDER_URL: optional(
    url,
    'A test provider that runs by itself (npm run test-provider), for several nodes or for faults; absent: one inside the shop. Not in production',
  ),
  TEST_PROVIDER_SECRET: secret(
    optional(
      text(16, 255),
      'What it shares with the shop, and signs its webhooks with; absent: made at start',
    ),
  ),
  STRIPE_SECRET_KEY: secret(
    optional(
      READERS.named('[rs]k_(live|test)', 'sk_live_… or rk_live_…'),
      'Secret or restricted key of Stripe, which then charges cards; absent: the test provider, in production no cards',
    ),
  ),
  STRIPE_WEBHOOK_SECRET: secret(
    optional(
      READERS.named('whsec', 'whsec_…'),
      "Signing secret of Stripe's webhook endpoint; belongs to STRIPE_SECRET_KEY",
    ),
  ),
  STRIPE_PREVIOUS_WEBHOOK_SECRET: secret(
    optional(READERS.named('whsec', 'whsec_…'), 'Signing secret still accepted, for rotation by a restart'),
  ),
  STRIPE_RETURN_URL: optional(
    url,
    "Where the customer's browser comes back to after the bank has asked for a proof; absent: cards that want one are refused",
  ),
  STRIPE_API_URL: optional(url, "Another address of Stripe's API, for tests; production refuses it"),
  CLOUDINARY_CLOUD_NAME: optional(
    READERS.cloudName,
    'Account at Cloudinary that keeps the images from now on; absent: they lie in DATA_DIR/media',
  ),
  CLOUDINARY_API_KEY: optional(text(1, 100), 'Key of that account; belongs to CLOUDINARY_CLOUD_NAME'),
  CLOUDINARY_API_SECRET: secret(optional(text(8, 255), 'Secret of CLOUDINARY_API_KEY')),
  CLOUDINARY_API_URL: optional(url, "Another address of Cloudinary's API, for tests; production refuses it"),
  ...MAIL_VARIABLES,
  CLOCK_OFFSET_FILE: optional(
    text(1, 4_096),
    'For tests: a file with the milliseconds by which the clock of the shop is moved, looked at every second. Not in production',
  ),
  PUBLIC_URL: optional(
    url,
    'Address under which the shop is reached, shown in the API document and what links in mails begin with; absent: the address it was asked at, in mails localhost',
  ),
  METRICS_TOKEN: secret(
    optional(
      text(16, 1_024),
      'Bearer token for /metrics, and for the details of /health in production; without it /metrics answers on loopback only',
    ),
  ),
  DOCS: optional(flag, 'on or off: /docs and the API documents; on outside production'),
  SHUTDOWN_DELAY: optional(
    duration(0, 20),
    'How long the server goes on serving after SIGTERM; 0, in production 5s',
  ),
  RATE_LIMITS: variable(flag, 'on', 'off for benchmarks and replays'),
  LOG_LEVEL: variable(
    choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'info',
    'Least level of log lines',
  ),
} as const satisfies Record<string, Variable<unknown>>

export type VariableName = keyof typeof VARIABLES
export type Values = {
  [Name in VariableName]: (typeof VARIABLES)[Name] extends Variable<infer Value> ? Value : never
}

/** Every variable by its name, with what could only be known from several of them. */
export interface Config extends Values {
  production: boolean
  docs: boolean
  shutdown_delay_seconds: number
}

/** Variables that others read, and what says the same here; set, they stop the start instead of being ignored. */
export const NAMED_OTHERWISE: Record<string, string> = {
  CLOUDINARY_URL: 'CLOUDINARY_CLOUD_NAME, CLOUDINARY_API_KEY and CLOUDINARY_API_SECRET',
}

/** Exit status of a start that its configuration stops (sysexits.h, EX_CONFIG). */
export const EXIT_CONFIGURATION = 78

/** One sentence per fault: the variable, what it holds (secrets masked), what it should hold. */
export class ConfigurationError extends Error {
  constructor(faults: readonly string[]) {
    super(`The configuration does not allow a start:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`)
    this.name = 'ConfigurationError'
  }
}

/** Reads the configuration; throws ConfigurationError with every fault at once. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const faults = Object.entries(NAMED_OTHERWISE)
    .filter(([name]) => environment[name])
    .map(([name, instead]) => `${name} is set, which this shop does not read; set ${instead} instead`)
  const values: Record<string, unknown> = {}
  for (const [name, { read, fallback, secret: hidden }] of Object.entries(VARIABLES) as [
    string,
    Variable<unknown>,
  ][]) {
    const given = environment[name]
    const raw = given === undefined || given === '' ? fallback : given
    if (raw === undefined) continue
    const outcome = read(raw)
    if ('value' in outcome) values[name] = outcome.value
    else
      faults.push(
        `${name} is ${hidden ? `a secret of ${raw.length} characters` : JSON.stringify(raw)}, but must be ${outcome.expected}`,
      )
  }
  if (faults.length === 0) {
    faults.push(...incomplete(values as unknown as Values))
    faults.push(...unsafeInProduction(values as unknown as Values))
  }
  if (faults.length > 0) throw new ConfigurationError(faults)
  const config = values as unknown as Values
  const production = config.NODE_ENV === 'production'
  return {
    ...config,
    production,
    docs: config.DOCS ?? !production,
    shutdown_delay_seconds: config.SHUTDOWN_DELAY ?? (production ? 5 : 0),
  }
}

/** The environment laid over the `.env` file of this folder, where there is one. */
export function environmentWithFile(path = '.env'): Record<string, string | undefined> {
  let file: string
  try {
    file = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return process.env
    throw new ConfigurationError([`${path} cannot be read: ${(error as Error).message}`])
  }
  return { ...parseEnv(file), ...process.env }
}
