import { AjvCompiler } from '@fastify/ajv-compiler'
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import type { FastifyInstance } from 'fastify'
import { AJV_OPTIONS } from './validation.ts'

type Validator = ReturnType<NonNullable<FastifyInstance['validatorCompiler']>>

/**
 * Fastify's own compilers, but a schema is compiled when its first value comes. Most of the several hundred schemas (every
 * route can answer a dozen refusals) never meet one, and compiling them all was a fifth of the start. Returns what compiles
 * the rest at once, and throws for the first that cannot be.
 */
export function compileWhenFirstUsed(
  app: Pick<FastifyInstance, 'setValidatorCompiler' | 'setSerializerCompiler'>,
): () => void {
  const validatorOf = AjvCompiler()({}, { customOptions: AJV_OPTIONS })
  const serializerOf = SerializerSelector()()
  const all: (() => unknown)[] = []
  const whenUsed = <Compiled>(compile: () => Compiled, what: string): (() => Compiled) => {
    let compiled: Compiled | undefined
    const get = () => {
      try {
        compiled ??= compile()
      } catch (cause) {
        throw new Error(`the schema of ${what} cannot be compiled: ${(cause as Error).message}`, { cause })
      }
      return compiled
    }
    all.push(get)
    return get
  }
  app.setValidatorCompiler((route) => {
    const compiled = whenUsed(
      () => validatorOf(route as Parameters<typeof validatorOf>[0]) as Validator,
      `${route.method} ${route.url}, ${route.httpPart}`,
    )
    const validate: Validator = (value) => {
      const own = compiled()
      const fits = own(value)
      validate.errors = own.errors
      return fits
    }
    return validate
  })
  app.setSerializerCompiler((route) => {
    const compiled = whenUsed(
      () => serializerOf(route as Parameters<typeof serializerOf>[0]),
      `${route.method} ${route.url}, answer ${route.httpStatus}`,
    )
    return (value) => compiled()(value)
  })
  return () => {
    for (const get of all) get()
  }
}
