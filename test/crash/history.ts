import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'

/**
 * What the clients saw, one line per attempt: `ok` (2xx), `fail` (a definite refusal, 4xx) or `unknown` (no
 * answer, or 5xx). Attempts with one key belong together.
 */
export interface Attempt {
  kind: 'order' | 'pay' | 'refund' | 'cancel' | 'cart' | 'stock' | 'price' | 'status' | 'events'
  /** Who, and what the route's operation was for: the namespace of the key. */
  principal: string
  key: string
  request: unknown
  outcome: 'ok' | 'fail' | 'unknown'
  status: number
  text: string
}

export interface History {
  add(attempt: Attempt): void
  sync(): void
  close(): void
}

export function openHistory(path: string): History {
  const file = openSync(path, 'a')
  return {
    add: (attempt) => void writeSync(file, `${JSON.stringify(attempt)}\n`),
    sync: () => fsyncSync(file),
    close: () => closeSync(file),
  }
}

export function readHistory(path: string): Attempt[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Attempt)
}
