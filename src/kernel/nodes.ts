/**
 * How many processes serve the shop from one storage. With `one`, what this process remembers of the storage is true until
 * it writes itself, and a claim of another process is void. With `several`, neither holds.
 */
export type Nodes = 'one' | 'several'

/** The clocks of nodes may differ by so much, in milliseconds. */
export const CLOCK_SKEW_MS = 2_000
