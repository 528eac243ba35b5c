import { AjvCompiler } from '@fastify/ajv-compiler'
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import type { FastifyInstance } from 'fastify'
import { AJV_OPTIONS } from './validation.ts'

type Validator = ReturnType<NonNullable<FastifyInstance['validatorCompiler']>>

/**
 * Fastify's own compilers, but a schema is compiled when its first value comes. Most of the several hundred schemas (every
 * route can answer a dozen refusals) never meet one, and compiling them all was a fifth of the start.
 */
export function compileWhenFirstUsed(
  app: Pick<FastifyInstance, 'setValidatorCompiler' | 'setSerializerCompiler'>,
) {
  const validatorOf = AjvCompiler()({}, { customOptions: AJV_OPTIONS })
  const serializerOf = SerializerSelector()()
  app.setValidatorCompiler((route) => {
    let compiled: Validator | undefined
    const validate: Validator = (value) => {
      compiled ??= validatorOf(route as Parameters<typeof validatorOf>[0]) as Validator
      const fits = compiled(value)
      validate.errors = compiled.errors
      return fits
    }
    return validate
  })
  app.setSerializerCompiler((route) => {
    let compiled: ReturnType<typeof serializerOf> | undefined
    return (value) => {
      compiled ??= serializerOf(route as Parameters<typeof serializerOf>[0])
      return compiled(value)
    }
  })
}
