/** Waits for all of them, whatever becomes of one; then throws the first failure. */
export async function allDone(runs: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(runs)
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}
