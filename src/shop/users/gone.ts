import type { CloudEvent } from '../../kernel/event.ts'
import type { Storage } from '../../storage/storage.ts'
import { isGone } from './erasing-rules.ts'
import { USERS } from './schema.ts'

/**
 * Who is gone, for whatever keeps or shows what the log tells: the log cannot forget, and what waits in it may be read long after
 * a person was erased.
 */
export interface Gone {
  /** Those of these accounts whose person is erased, or about to be. */
  accounts(ids: Iterable<string>): Promise<ReadonlySet<string>>
  /** Those of these events whose `user_id` is such an account. */
  events(events: readonly CloudEvent[]): Promise<ReadonlySet<CloudEvent>>
}

export function createGone({ storage }: { storage: Pick<Storage, 'collection'> }): Gone {
  const users = storage.collection(USERS)

  async function accounts(ids: Iterable<string>): Promise<ReadonlySet<string>> {
    const asked = [...new Set(ids)]
    const found = asked.length > 0 ? await users.getMany(asked) : []
    return new Set(found.filter(isGone).map(({ id }) => id))
  }

  return {
    accounts,
    async events(events) {
      const gone = await accounts(events.flatMap((event) => userOf(event) ?? []))
      return new Set(gone.size > 0 ? events.filter((event) => gone.has(userOf(event) ?? '')) : [])
    },
  }
}

function userOf({ data }: CloudEvent): string | undefined {
  const user_id = (data as { user_id?: unknown } | null)?.user_id
  return typeof user_id === 'string' ? user_id : undefined
}
