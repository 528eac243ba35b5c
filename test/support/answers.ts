import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

interface Documented {
  responses: Record<string, { $ref?: string; content?: Record<string, { schema: object }> }>
}

export interface OpenApiDocument {
  paths: Record<string, Record<string, Documented>>
  components: { responses: Record<string, Documented['responses'][string]>; schemas: Record<string, object> }
}

export interface SeenAnswer {
  method: string
  path: string
  status: number
  headers: Headers
  text: string
}

/**
 * Holds answers to the OpenAPI document: the route and the status are documented, the body fits its schema, the
 * standard headers are there. What was seen is noted in the folder TRADEWIND_OBSERVED, unless `note` does something else.
 */
export function createAnswerChecker(document: OpenApiDocument, note = noteSeen) {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  formats.default(ajv)
  ajv.addSchema({ $id: 'document', components: document.components })
  const validators = new Map<string, ValidateFunction>()
  const templateOf = templatesOf(document)

  function validatorOf(schema: object, key: string): ValidateFunction {
    let validator = validators.get(key)
    if (!validator) {
      validator = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')))
      validators.set(key, validator)
    }
    return validator
  }

  return {
    /** Throws when the answer is not one that the document promises. */
    check({ method, path, status, headers, text }: SeenAnswer): void {
      const where = `${method} ${path} ${status}`
      for (const name of ['x-request-id', 'x-content-type-options'])
        if (!headers.get(name)) throw new Error(`${where} lacks the header ${name}`)
      const template = templateOf(path)
      const operation =
        template && document.paths[template]![method === 'HEAD' ? 'get' : method.toLowerCase()]
      if (!template || !operation) {
        if (status >= 400 || method === 'OPTIONS') return
        throw new Error(`${where} is not in the document`)
      }
      note(`${method} ${template} ${status}`)
      let documented =
        operation.responses[String(status)] ?? (status >= 400 ? operation.responses.default : undefined)
      if (!documented && status !== 304) throw new Error(`${where}: this status is not documented`)
      if (documented?.$ref) documented = document.components.responses[documented.$ref.split('/').at(-1)!]
      if (text === '' || !documented) return
      const type = headers.get('content-type')?.split(';')[0] ?? ''
      const schema = documented.content?.[type]?.schema
      if (!schema) throw new Error(`${where}: ${type} is not documented`)
      if (!/[/+]json$/.test(type)) return
      const validate = validatorOf(schema, `${method} ${template} ${status}`)
      if (!validate(JSON.parse(text)))
        throw new Error(
          `${where} does not fit the document: ${ajv.errorsText(validate.errors)}\n${text.slice(0, 2_000)}`,
        )
    },
  }
}

/** Finds the template that a path belongs to, as `/products/{id}`; those with fewer parameters go first. */
export function templatesOf(document: OpenApiDocument): (path: string) => string | undefined {
  const routes = Object.keys(document.paths)
    .sort((a, b) => parameters(a) - parameters(b))
    .map((template) => ({ template, pattern: patternOf(template) }))
  return (path) => {
    const pathname = path.split('?')[0]!
    return routes.find(({ pattern }) => pattern.test(pathname))?.template
  }
}

/** Notes an answer that some test ought to see. */
export function noteDocumented(answer: string): void {
  noteSeen(`documented ${answer}`)
}

const noted = new Set<string>()

function noteSeen(line: string): void {
  const folder = process.env.TRADEWIND_OBSERVED
  if (!folder || noted.has(line)) return
  noted.add(line)
  mkdirSync(folder, { recursive: true })
  appendFileSync(join(folder, `${process.pid}.txt`), `${line}\n`)
}

function parameters(template: string): number {
  return template.split('{').length
}

function patternOf(template: string): RegExp {
  const text = template.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{[^}]+\}/g, '[^/]+')
  return new RegExp(`^${text}$`)
}
