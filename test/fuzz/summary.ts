import type { Operation } from './operations.ts'
import type { FuzzRequest } from './requests.ts'
import type { Received } from './sending.ts'

export interface Summary {
  count(request: Pick<FuzzRequest, 'operation' | 'tag'>, received: Received | undefined): void
  /** Operations that no request has ever got a success from. */
  neverDone(): string[]
  /** Requests to each operation. */
  asked(): Map<string, number>
  /** A table of statuses by what operations belong to, then what was said beside it. */
  lines(): string[]
}

/** Counts answers. */
export function createSummary(operations: readonly Operation[]): Summary {
  const table = new Map<string, Map<string, number>>()
  const asked = new Map(operations.map(({ name }) => [name, 0]))
  const done = new Set<string>()
  const comeAgain = new Map<string, number>()

  return {
    count({ operation, tag }, received) {
      const status = received ? String(received.status) : 'none'
      const row = table.get(tag) ?? new Map<string, number>()
      table.set(tag, row)
      row.set(status, (row.get(status) ?? 0) + 1)
      asked.set(operation, (asked.get(operation) ?? 0) + 1)
      if (/^[23]/.test(status)) done.add(operation)
      if (status !== '503') return
      const code = /"code":"(\w+)"/.exec(received!.text)?.[1] ?? `of ${operation}`
      comeAgain.set(code, (comeAgain.get(code) ?? 0) + 1)
    },
    neverDone: () => [...asked.keys()].filter((operation) => !done.has(operation)),
    asked: () => asked,
    lines() {
      const statuses = [...new Set([...table.values()].flatMap((row) => [...row.keys()]))].sort()
      const line = (name: string, cells: readonly (string | number)[]) =>
        name.padEnd(14) + cells.map((cell) => String(cell).padStart(7)).join('')
      const rows = [...table].map(([tag, row]) =>
        line(
          tag,
          statuses.map((status) => row.get(status) ?? ''),
        ),
      )
      const sums = statuses.map((status) =>
        [...table.values()].reduce((sum, row) => sum + (row.get(status) ?? 0), 0),
      )
      return [
        line('', statuses),
        ...rows,
        line('all', sums),
        ...[...comeAgain].map(([code, times]) => `503 ${code}: ${times} times`),
      ]
    },
  }
}
