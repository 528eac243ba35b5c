import { AuthenticationError, TimeoutError } from '@platformatic/kafka'

export type FaultKind = 'sign_in' | 'certificate' | 'tls' | 'topic' | 'right' | 'refused' | 'away' | 'other'

/** What is wrong with Kafka, in one sentence for the operator. Plain data: it comes from a thread, too. */
export interface Fault {
  kind: FaultKind
  sentence: string
}

interface Named {
  name?: string | null
  resourceName?: string
}

interface Leaf extends Error {
  code?: string
  apiId?: string
  path?: string
  response?: Partial<Record<'topics' | 'responses' | 'results', Named[]>>
}

/** Kinds that time does not heal: somebody has to change the configuration or the cluster. */
const DEFINITE: readonly FaultKind[] = ['sign_in', 'certificate', 'tls', 'topic', 'right']

export function isDefinite({ kind }: Fault): boolean {
  return DEFINITE.includes(kind)
}

/** Broker's answers about one record alone: the others of its batch would be taken. */
const REFUSED = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD']
const RIGHTS: Record<string, { what: string; give: string }> = {
  TOPIC_AUTHORIZATION_FAILED: {
    what: 'the topic',
    give: 'READ, WRITE and DESCRIBE on the topics; to make and compare them also CREATE and DESCRIBE_CONFIGS',
  },
  GROUP_AUTHORIZATION_FAILED: {
    what: 'the consumer groups',
    give: 'READ on the groups whose names begin with KAFKA_TOPIC_PREFIX and tradewind',
  },
  // A producer that numbers its batches needs to write to some topic, or this.
  CLUSTER_AUTHORIZATION_FAILED: {
    what: 'the cluster',
    give: 'WRITE on the topics; to make them also CREATE',
  },
}
const UNTRUSTED =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER_CERT(_LOCALLY)?|VERIFY_LEAF_SIGNATURE)|CERT_\w+)$/
const NO_TLS_THERE = /ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|EPROTO/
/** A broker that speaks no TLS may do this; so does a balancer before its broker is there. */
const CLOSED_AT_GREETING = /TLS handshake failed|before secure TLS connection/
const UNKNOWN_TOPIC = /^Unknown topic (.+)\.$/

type Judge = (leaf: Leaf, at: string) => Fault | undefined

/** Reads what lies below an error of the client: the reason is in its causes and in the leaves of MultipleErrors. */
export function faultOf(error: unknown, brokers: readonly string[]): Fault {
  const at = `Kafka at ${brokers.join(', ')}`
  const leaves = [...leavesOf(error)]
  const first = (judges: readonly Judge[]) => {
    for (const judge of judges) {
      for (const leaf of leaves) {
        const fault = judge(leaf, at)
        if (fault) return fault
      }
    }
    return undefined
  }
  const known = first([signIn, certificate, tls, topic, right, unfit])
  if (known) return known
  const silent = leaves.find(
    (leaf) => leaf instanceof TimeoutError || /^(E[A-Z]+|PLT_KFK_NETWORK)$/.test(leaf.code ?? ''),
  )
  if (silent) {
    const code = leaves.find((leaf) => /^E[A-Z]+$/.test(leaf.code ?? ''))?.code ?? silent.message
    return { kind: 'away', sentence: `No broker answers at ${brokers.join(', ')} (${code}).` }
  }
  // Last, because beside a lost connection it is not known what the others of the batch became.
  const not = first([refused])
  if (not) return not
  const message = error instanceof Error ? error.message : String(error)
  const answer = leaves.find(({ apiId }) => apiId)?.apiId
  return { kind: 'other', sentence: `${at} could not be used: ${message}${answer ? ` (${answer})` : ''}` }
}

function signIn(leaf: Leaf, at: string): Fault | undefined {
  const wrongPort = leaf.apiId === 'UNSUPPORTED_SASL_MECHANISM' || leaf.apiId === 'ILLEGAL_SASL_STATE'
  if (wrongPort)
    return {
      kind: 'sign_in',
      sentence: `${at} takes no sign-in with a key on this port (${leaf.apiId}); check KAFKA_BOOTSTRAP_SERVERS and KAFKA_API_KEY.`,
    }
  return leaf instanceof AuthenticationError || leaf.apiId === 'SASL_AUTHENTICATION_FAILED'
    ? {
        kind: 'sign_in',
        sentence: `${at} refuses the key or its secret; check KAFKA_API_KEY and KAFKA_API_SECRET.`,
      }
    : undefined
}

function certificate({ code = '' }: Leaf, at: string): Fault | undefined {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return {
      kind: 'certificate',
      sentence: `The certificate of ${at} is for other names; KAFKA_BOOTSTRAP_SERVERS must hold a name that it is for.`,
    }
  return UNTRUSTED.test(code)
    ? {
        kind: 'certificate',
        sentence: `The certificate of ${at} is not trusted (${code}); let KAFKA_CA_FILE name the certificate of the authority that signed it.`,
      }
    : undefined
}

function tls({ code = '', message }: Leaf, at: string): Fault | undefined {
  if (/requires TLS/.test(message))
    return {
      kind: 'tls',
      sentence: `${at} wants TLS; set KAFKA_API_KEY and KAFKA_API_SECRET, or KAFKA_CA_FILE.`,
    }
  if (CLOSED_AT_GREETING.test(message))
    return {
      kind: 'away',
      sentence: `${at} closes the connection at its greeting: no broker is ready behind it, or it speaks no TLS on this port.`,
    }
  return NO_TLS_THERE.test(`${code} ${message}`)
    ? {
        kind: 'tls',
        sentence: `${at} speaks no TLS on this port; check the port, or unset KAFKA_API_KEY and KAFKA_CA_FILE.`,
      }
    : undefined
}

function topic(leaf: Leaf): Fault | undefined {
  const unknown = leaf.apiId === 'UNKNOWN_TOPIC_OR_PARTITION' || leaf.apiId === 'UNKNOWN_TOPIC_ID'
  const name = UNKNOWN_TOPIC.exec(leaf.message)?.[1] ?? (unknown ? topicIn(leaf) : undefined)
  return unknown || name !== undefined ? missingTopics(name === undefined ? [] : [name]) : undefined
}

export function missingTopics(names: readonly string[]): Fault {
  const which =
    names.length === 0
      ? 'A topic is'
      : names.length === 1
        ? `The topic ${names[0]} is`
        : `The topics ${names.join(', ')} are`
  return {
    kind: 'topic',
    sentence: `${which} missing in Kafka; make the topics with ./scripts/setup-kafka.sh.`,
  }
}

function right(leaf: Leaf): Fault | undefined {
  const missing = RIGHTS[leaf.apiId ?? '']
  if (!missing) return undefined
  const { what, give } = missing
  const name = leaf.apiId === 'TOPIC_AUTHORIZATION_FAILED' ? topicIn(leaf) : undefined
  return {
    kind: 'right',
    sentence: `The key has no right to ${what}${name ? ` ${name}` : ''}; give it ${give}.`,
  }
}

function refused({ apiId = '', message }: Leaf): Fault | undefined {
  return REFUSED.includes(apiId)
    ? { kind: 'refused', sentence: `The broker refuses it: ${apiId}: ${message}` }
    : undefined
}

function unfit({ apiId }: Leaf, at: string): Fault | undefined {
  if (apiId === 'KAFKA_STORAGE_ERROR')
    return { kind: 'away', sentence: `${at} cannot write to its disk; make room there.` }
  if (apiId === 'LEADER_NOT_AVAILABLE')
    return {
      kind: 'away',
      sentence: `${at} has no broker in charge of some partitions; one is down or its disk has failed.`,
    }
  return apiId === 'NOT_ENOUGH_REPLICAS' || apiId === 'NOT_ENOUGH_REPLICAS_AFTER_APPEND'
    ? {
        kind: 'away',
        sentence: `${at} has too few brokers in step to take events safely (min.insync.replicas).`,
      }
    : undefined
}

/** The topic that an answer's path names, as `/topics/3`, `/responses/0/partition_responses/1` or `/results/0`. */
function topicIn({ path = '', response }: Leaf): string | undefined {
  const [, list, index] = /^\/(topics|responses|results)\/(\d+)/.exec(path) ?? []
  const named = response?.[list as keyof typeof response]?.[Number(index)]
  return named?.name ?? named?.resourceName ?? undefined
}

/** An error, its causes, and what it is made of; answers go along, so that paths into them can be read. */
function* leavesOf(error: unknown, depth = 0): Generator<Leaf> {
  if (!(error instanceof Error) || depth > MAX_DEPTH) return
  const { errors = [], response } = error as Leaf & { errors?: unknown[] }
  yield error as Leaf
  for (const part of [...errors, error.cause]) {
    for (const leaf of leavesOf(part, depth + 1)) {
      if (response && !leaf.response) leaf.response = response
      yield leaf
    }
  }
}

const MAX_DEPTH = 10
