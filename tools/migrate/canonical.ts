import { createHash } from 'node:crypto'

/** A value's JSON with the fields of every object in order of their names: equal values have equal texts. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  let text = ''
  for (const name of Object.keys(value).sort()) {
    const field = (value as Record<string, unknown>)[name]
    if (field === undefined) continue
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonical(field)}`
  }
  return `{${text}}`
}

export interface Digest {
  count: number
  hash: string
}

/** Digests texts in their order. */
export function digester() {
  const hash = createHash('sha256')
  let count = 0
  return {
    add(text: string): void {
      count += 1
      hash.update(text)
      hash.update('\n')
    },
    result: (): Digest => ({ count, hash: hash.digest('hex') }),
  }
}
