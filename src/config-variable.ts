import type { Reader } from './config-readers.ts'

/** A variable of the environment. `docs` is the comment of `.env.example` and the row of the README's table. */
export interface Variable<Value> {
  read: Reader<Value>
  /** The text that an absent variable is read from; undefined: the variable may be absent. */
  fallback: string | undefined
  secret?: boolean
  docs: string
}

export function variable<Value>(read: Reader<Value>, fallback: string, docs: string): Variable<Value> {
  return { read, fallback, docs }
}

export function optional<Value>(read: Reader<Value>, docs: string): Variable<Value | undefined> {
  return { read, fallback: undefined, docs }
}

/** What a variable holds is never said aloud. */
export function secret<Value>(from: Variable<Value>): Variable<Value> {
  return { ...from, secret: true }
}
