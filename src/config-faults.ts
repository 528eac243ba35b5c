import type { Config } from './config.ts'

type Values = Omit<Config, 'production' | 'docs' | 'shutdown_delay_seconds'>

/** What is wrong with variables that are right one by one; a sentence for each fault. */
export function faultsTogether(config: Values, default_password: string | undefined): string[] {
  return [
    ...incompleteKafka(config),
    ...incompleteTestProvider(config),
    ...unsafeInProduction(config, default_password),
  ]
}

/** Options of an engine without the one that switches it on would be ignored in silence. */
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

function incompleteTestProvider({ TEST_PROVIDER_URL, TEST_PROVIDER_SECRET }: Values): string[] {
  if (TEST_PROVIDER_URL === undefined || TEST_PROVIDER_SECRET !== undefined) return []
  return ['TEST_PROVIDER_URL is set, but TEST_PROVIDER_SECRET, which both sides need, is absent']
}

function unsafeInProduction(config: Values, default_password: string | undefined): string[] {
  if (config.NODE_ENV !== 'production') return []
  const faults: string[] = []
  if (config.ADMIN_PASSWORD === default_password)
    faults.push('ADMIN_PASSWORD is the default, which everybody knows; set one of your own')
  if (!config.JWT_SECRET_KEY)
    faults.push('JWT_SECRET_KEY is absent; production needs one of at least 32 bytes')
  else if (/^(.)\1*$|secret|change.?me|example|password/i.test(config.JWT_SECRET_KEY))
    faults.push('JWT_SECRET_KEY looks like a sample value; make one with: openssl rand -base64 48')
  if (config.TEST_PROVIDER_URL !== undefined || config.TEST_PROVIDER_SECRET !== undefined)
    faults.push('TEST_PROVIDER_URL or TEST_PROVIDER_SECRET is set, but production takes no money of a test')
  if (config.CLOCK_OFFSET_FILE !== undefined)
    faults.push('CLOCK_OFFSET_FILE is set, but the clock of production is not moved')
  if (config.BCRYPT_COST < 10)
    faults.push(`BCRYPT_COST is ${config.BCRYPT_COST}, but must be at least 10 in production`)
  return faults
}
