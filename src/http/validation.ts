import type { Fault } from '../kernel/errors.ts'
import { type AjvError, codeOf, sentenceOf } from './fault-wording.ts'

/** More faults than this help nobody. */
const MAX_FAULTS = 50

/**
 * Nothing is coerced and nothing removed: a body is as its schema says or refused. Query strings are turned
 * into numbers and booleans before (query.ts).
 */
export const AJV_OPTIONS = {
  coerceTypes: false as const,
  removeAdditional: false,
  useDefaults: true,
  allErrors: true,
  // Faults bring their schema, whose description says what is wanted.
  verbose: true,
}

/** Ajv's errors as faults without a word of the input. `name` gives the bare parameter instead of a pointer. */
export function faultsOf(errors: readonly AjvError[], as: 'pointer' | 'name'): Fault[] {
  const branches = errors.filter(
    (error) => error.keyword !== 'anyOf' && error.keyword !== 'oneOf' && error.keyword !== 'if',
  )
  const chosen = branches.length > 0 ? branches : errors
  const faults = new Map<string, Fault>()
  for (const error of chosen) {
    const fault = faultOf(error, as)
    faults.set(`${fault.pointer} ${fault.code}`, fault)
    if (faults.size === MAX_FAULTS) break
  }
  return [...faults.values()]
}

function faultOf(error: AjvError, as: 'pointer' | 'name'): Fault {
  const params = error.params as Record<string, unknown>
  const inside = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty
  const path =
    inside === undefined ? error.instancePath : `${error.instancePath}/${escapePointer(String(inside))}`
  return {
    pointer: as === 'name' ? path.slice(1) : path,
    code: codeOf(error.keyword),
    message: sentenceOf(error),
  }
}

function escapePointer(name: string): string {
  return name.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')
}
