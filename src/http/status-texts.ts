/**
 * What each status is called. An import of `node:http` would read everything that it exports, also what Node.js loads
 * only when it is read: a WebSocket client with an HTTP stack of its own, 3 MB that nobody uses.
 */
export const { STATUS_CODES } = process.getBuiltinModule('node:http')
