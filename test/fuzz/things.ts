import fc, { type Arbitrary } from 'fast-check'

/** How many of a kind are remembered beside those of the beginning. */
const MOST_OF_A_KIND = 60
const FIRST_OF_A_KIND = 20
/** Places in a kind that generated requests speak of; which thing stands there is known when they are sent. */
const PLACES = 1_000
/** Of what is soon worth nothing any more only the newest are remembered. */
const SHORT_LIVED: Record<string, number> = { link: 6, action: 6, on_sale: 20 }
const TYPED_ID = /^([a-z]{2,3})_[0-7][0-9a-hjkmnp-tv-z]{25}$/
const NOTHING = '01jz0000000000000000000000'
const PLACE = /\{\{([a-z_]+)(?:>([a-z_]+)\.([01]))?:(\d+)\}\}/g
/** Fields of answers that later requests can use, by the kind that they are kept as. */
const FIELDS: Record<string, string> = {
  sku: 'sku',
  slug: 'slug',
  next_cursor: 'cursor',
  refresh_token: 'refresh_token',
  token: 'token',
  link: 'link',
  email: 'email',
}

/** A placeholder for some thing of this kind. */
export function anyThing(kind: string): Arbitrary<string> {
  return fc.nat(PLACES).map((place) => `{{${kind}:${place}}}`)
}

/** Placeholders for a thing and the one that it belongs to, as an order and one of its payments. */
export function anyPair(of: string, kind: string): Arbitrary<[string, string]> {
  return fc.nat(PLACES).map((place) => [`{{${of}>${kind}.0:${place}}}`, `{{${of}>${kind}.1:${place}}}`])
}

export interface Things {
  /** Remembers what an answer names. `path` is that of its request. */
  learn(path: string, body: unknown): void
  /** Puts things in the place of placeholders. */
  fill(text: string, write: (thing: string) => string): string
  /** How many of each kind are known. */
  counts(): Record<string, number>
}

/** What there is in the shop, as far as its answers have told. `hidden` are never spoken of. */
export function createThings(hidden: ReadonlySet<string>): Things {
  const kinds = new Map<string, string[]>()

  function remember(kind: string, thing: string): void {
    const known = kinds.get(kind) ?? []
    if (!kinds.has(kind)) kinds.set(kind, known)
    if (hidden.has(thing) || known.includes(thing)) return
    known.push(thing)
    const newest = SHORT_LIVED[kind]
    if (known.length > (newest ?? MOST_OF_A_KIND)) known.splice(newest ? 0 : FIRST_OF_A_KIND, 1)
  }

  function learnText(name: string, text: string, owners: readonly string[]): void {
    const kind = TYPED_ID.exec(text)?.[1]
    if (kind) {
      remember(kind, text)
      for (const owner of owners) remember(`${TYPED_ID.exec(owner)![1]}>${kind}`, `${owner} ${text}`)
    } else if (Object.hasOwn(FIELDS, name)) remember(FIELDS[name]!, text)
    else if (text.startsWith('/media/')) learnFile(text)
    else if (text.startsWith('/payments/test/actions/')) remember('action', text.split('/').at(-1)!)
  }

  function learnFile(path: string): void {
    const [, , key, file] = path.split('/')
    remember('media', key!)
    remember('media>file', `${key} ${file}`)
  }

  function walk(value: unknown, name: string, owners: readonly string[]): void {
    if (typeof value === 'string') learnText(name, value, owners)
    else if (Array.isArray(value)) for (const one of value) walk(one, name, owners)
    else if (typeof value === 'object' && value !== null) walkObject(value, owners)
  }

  function walkObject(value: object, owners: readonly string[]): void {
    const { id } = value as { id?: unknown }
    if (isOnSale(value)) remember('on_sale', value.id)
    const within = typeof id === 'string' && TYPED_ID.test(id) ? [...owners, id] : owners
    for (const [field, one] of Object.entries(value)) walk(one, field, field === 'id' ? owners : within)
  }

  function at(kind: string, place: number): string {
    const known = kinds.get(kind) ?? []
    return known[place % known.length] ?? `${kind.split('>')[0]}_${NOTHING}`
  }

  return {
    learn: (path, body) =>
      walk(
        body,
        '',
        path.split(/[/?]/).filter((part) => TYPED_ID.test(part)),
      ),
    fill: (text, write) =>
      text.replaceAll(PLACE, (_, of: string, kind: string | undefined, which: string, place: string) => {
        const thing = at(kind === undefined ? of : `${of}>${kind}`, Number(place))
        return write(kind === undefined ? thing : (thing.split(' ')[Number(which)] ?? `${kind}_${NOTHING}`))
      }),
    counts: () => Object.fromEntries([...kinds].map(([kind, known]) => [kind, known.length])),
  }
}

/** Whether a product, as its page or a list shows it, can be ordered without naming a SKU. */
function isOnSale(value: object): value is { id: string } {
  const { status, available, price, sku } = value as Record<string, unknown>
  const costs = (price as { amount?: unknown } | undefined)?.amount
  return status === 'active' && Number(available) > 0 && Number(costs) > 0 && typeof sku === 'string'
}
