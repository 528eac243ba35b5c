interface Schema {
  type?: string
  properties?: Record<string, unknown>
  additionalProperties?: unknown
  patternProperties?: Record<string, unknown>
}

/** Throws when an object of a request's schema would let unknown fields through. */
export function assertClosed(schema: unknown, where: string): void {
  if (Array.isArray(schema)) {
    for (const [index, part] of schema.entries()) assertClosed(part, `${where}/${index}`)
    return
  }
  if (typeof schema !== 'object' || schema === null) return
  const { type, properties, additionalProperties, patternProperties } = schema as Schema
  const open = additionalProperties === undefined || additionalProperties === true
  if (type === 'object' && open && (properties || !patternProperties))
    throw new Error(`${where} is open: an object of a request needs additionalProperties: false`)
  for (const [name, part] of Object.entries(schema)) {
    if (name === 'properties' || name === 'patternProperties') {
      for (const [field, inner] of Object.entries(part as object)) assertClosed(inner, `${where}/${field}`)
    } else if (name !== 'enum' && name !== 'const' && name !== 'default' && name !== 'examples') {
      assertClosed(part, `${where}/${name}`)
    }
  }
}
