import type { Socket } from 'node:net'

/** After so many requests a connection is closed, so that clients spread over the servers that there are. */
export const REQUESTS_PER_SOCKET = 1_000

const TURNS = Symbol('requests on this connection')

/**
 * Counts a request; true when its answer should close the connection. Node.js has a limit of its own, but says
 * `Connection: close` without closing, and answers a client that goes on all the same with a bare 503.
 */
export function isLastTurn(socket: Socket & { [TURNS]?: number }): boolean {
  const turns = (socket[TURNS] ?? 0) + 1
  socket[TURNS] = turns
  return turns >= REQUESTS_PER_SOCKET
}
