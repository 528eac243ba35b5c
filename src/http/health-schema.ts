import { type Static, Type } from 'typebox'

export const Check = Type.Object({
  status: Type.Enum(['ok', 'failing']),
  /** How long it took to ask. */
  ms: Type.Integer(),
  message: Type.Optional(Type.String()),
})

export type CheckResults = Record<string, Static<typeof Check>>

export const Health = Type.Object({
  status: Type.Enum(['ok', 'failing']),
  version: Type.Optional(Type.String()),
  uptime_s: Type.Optional(Type.Integer()),
  checks: Type.Optional(Type.Record(Type.String(), Check)),
  warnings: Type.Optional(Type.Array(Type.String())),
})
export const Simple = Type.Object({ status: Type.String() })
