type Reader = (text: string) => unknown

const INTEGER = /^-?\d{1,15}$/
const DECIMAL = /^-?\d{1,15}(\.\d{1,9})?$/

/**
 * How the parameters of a query become numbers and booleans, or undefined when all of them are strings. What
 * does not read exactly stays a string, which the schema then refuses by name: `1e3`, `+5`, ` 7`, `yes`.
 */
export function queryReaders(schema: unknown): Map<string, Reader> | undefined {
  const properties =
    (schema as { properties?: Record<string, { type?: string }> } | undefined)?.properties ?? {}
  const readers = new Map<string, Reader>()
  for (const [name, property] of Object.entries(properties)) {
    const reader = readerOf(property.type)
    if (reader) readers.set(name, reader)
  }
  return readers.size > 0 ? readers : undefined
}

function readerOf(type: string | undefined): Reader | undefined {
  if (type === 'integer') return (text) => (INTEGER.test(text) ? Number(text) : text)
  if (type === 'number') return (text) => (DECIMAL.test(text) ? Number(text) : text)
  if (type === 'boolean') return (text) => (text === 'true' ? true : text === 'false' ? false : text)
  if (type === 'array') return (text) => [text]
  return undefined
}

/** Turns the parameters in place; a parameter given twice is an array and fails where one value is wanted. */
export function readQuery(query: Record<string, unknown>, readers: Map<string, Reader>): void {
  for (const name in query) {
    const value = query[name]
    if (typeof value !== 'string') continue
    const reader = readers.get(name)
    if (reader) query[name] = reader(value)
  }
}
