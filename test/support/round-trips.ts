import { AsyncLocalStorage } from 'node:async_hooks'

/** Counts the commands that a storage in MongoDB sends for some work, apart from what it sends by itself meanwhile. */
export function commandCounter() {
  const asked = new AsyncLocalStorage<string[]>()
  return {
    /** For `openMongoStorage`. */
    onCommand(name: string, collection: string): void {
      asked.getStore()?.push(`${name} ${collection}`)
    },
    /** The result and the commands, as `find orders`. */
    async count<Result>(work: () => Promise<Result>): Promise<{ result: Result; commands: string[] }> {
      const commands: string[] = []
      return { result: await asked.run(commands, work), commands }
    },
  }
}
