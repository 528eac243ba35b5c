import type { Client } from './client.ts'

export interface Life {
  /** The client of the server's present life; while it is down, whoever asks waits. */
  client(): Promise<Client>
  begin(client: Client): void
  end(): void
}

export function createLife(): Life {
  let current = Promise.withResolvers<Client>()
  return {
    client: () => current.promise,
    begin: (client) => current.resolve(client),
    end() {
      current.promise.then((client) => client.close()).catch(() => {})
      current = Promise.withResolvers()
    },
  }
}
