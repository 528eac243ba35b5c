/** Reads the text of a variable, or says what it should have been. */
export type Reader<Value> = (raw: string) => { value: Value } | { expected: string }

const UNIT_SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const

function integer(minimum: number, maximum: number): Reader<number> {
  return (raw) => {
    const value = Number(raw)
    return /^\d+$/.test(raw) && value >= minimum && value <= maximum
      ? { value }
      : { expected: `a whole number from ${minimum} to ${maximum}` }
  }
}

/** At least `minimum` bytes of UTF-8. */
function text(minimum: number, maximum: number): Reader<string> {
  return (raw) => {
    const bytes = Buffer.byteLength(raw)
    return bytes >= minimum && bytes <= maximum
      ? { value: raw }
      : { expected: `a text of ${minimum} to ${maximum} bytes` }
  }
}

function choice<const Value extends string>(...values: Value[]): Reader<Value> {
  return (raw) => {
    const value = values.find((candidate) => candidate === raw)
    return value === undefined ? { expected: `one of ${values.join(', ')}` } : { value }
  }
}

/** Seconds, written as `0`, `30s`, `15m`, `12h` or `30d`. */
function duration(minimum_seconds: number, maximum_seconds: number): Reader<number> {
  return (raw) => {
    const match = /^(\d+)([smhd]?)$/.exec(raw)
    const unit =
      UNIT_SECONDS[match?.[2] as keyof typeof UNIT_SECONDS] ?? (match?.[1] === '0' ? 1 : Number.NaN)
    const value = Number(match?.[1]) * unit
    return value >= minimum_seconds && value <= maximum_seconds
      ? { value }
      : {
          expected: `a duration such as 30s, 15m, 12h or 30d, from ${minimum_seconds}s to ${maximum_seconds}s`,
        }
  }
}

const flag: Reader<boolean> = (raw) => {
  if (raw === 'true' || raw === 'on') return { value: true }
  if (raw === 'false' || raw === 'off') return { value: false }
  return { expected: 'on or off (or true, false)' }
}

/** Exact origins: scheme, host and port, nothing behind them. */
function list(maximum: number): Reader<string[]> {
  return (raw) => {
    const value = raw
      .split(',')
      .map((entry) => entry.trim())
      .filter(Boolean)
    const exact = value.every((entry) => URL.canParse(entry) && new URL(entry).origin === entry)
    return exact && value.length <= maximum
      ? { value }
      : { expected: `up to ${maximum} origins such as https://shop.example, comma separated` }
  }
}

/** `host:port`, comma separated. */
function brokers(maximum: number): Reader<string[]> {
  return (raw) => {
    const value = raw
      .split(',')
      .map((entry) => entry.trim())
      .filter(Boolean)
    const exact = value.every((entry) => /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):\d{1,5}$/.test(entry))
    return exact && value.length > 0 && value.length <= maximum
      ? { value }
      : { expected: `up to ${maximum} addresses such as broker.example:9092, comma separated` }
  }
}

const mongodbUrl: Reader<string> = (raw) =>
  /^mongodb(\+srv)?:\/\/[^/\s]+(\/\S*)?$/.test(raw)
    ? { value: raw }
    : { expected: 'a URL that begins with mongodb:// or mongodb+srv://' }

/** What every name of a topic may consist of. */
const topicPrefix: Reader<string> = (raw) =>
  /^[A-Za-z0-9._-]{0,50}$/.test(raw)
    ? { value: raw }
    : { expected: 'up to 50 letters, digits, dots, dashes and underscores' }

const url: Reader<string> = (raw) =>
  URL.canParse(raw) && /^https?:/.test(raw)
    ? { value: raw.replace(/\/+$/, '') }
    : { expected: 'a URL that begins with http:// or https://' }

/** It stands in addresses and in names of hosts. */
const cloudName: Reader<string> = (raw) =>
  /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(raw)
    ? { value: raw }
    : { expected: 'up to 63 letters, digits, dashes and underscores' }

/** A secret that its maker gives a name in front; `kinds` is a part of a regular expression, `example` what is said of it. */
function named(kinds: string, example: string): Reader<string> {
  const pattern = new RegExp(`^(${kinds})_[A-Za-z0-9_+/=-]{1,255}$`)
  return (raw) => (pattern.test(raw) ? { value: raw } : { expected: `a text such as ${example}` })
}

/** `name <address>` or the address alone; nothing that could begin another line or another address. */
const mailbox: Reader<{ name: string; address: string }> = (raw) => {
  const match = /^(?:([^<>@"\p{C}]{1,100}?) *<([^<>]+)>|([^<>]+))$/u.exec(raw)
  const address = match?.[2] ?? match?.[3] ?? ''
  return /^[^\s@<>"(),:;\\\p{C}]{1,64}@[A-Za-z0-9.-]{1,189}$/u.test(address)
    ? { value: { name: match?.[1] ?? '', address } }
    : { expected: 'an address such as Shop <orders@shop.example>' }
}

const smtpUrl: Reader<string> = (raw) =>
  URL.canParse(raw) && /^smtps?:\/\/[^/\s]+/.test(raw)
    ? { value: raw }
    : { expected: 'a URL that begins with smtp:// or smtps://' }

const currency: Reader<string> = (raw) =>
  Intl.supportedValuesOf('currency').includes(raw)
    ? { value: raw }
    : { expected: 'an ISO 4217 code such as USD' }

export const READERS = {
  integer,
  text,
  choice,
  duration,
  flag,
  list,
  mailbox,
  named,
  cloudName,
  smtpUrl,
  url,
  currency,
  brokers,
  mongodbUrl,
  topicPrefix,
}
