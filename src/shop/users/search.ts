import { setImmediate as turn } from 'node:timers/promises'
import { pagesOf } from '../../storage/list-all.ts'
import type { Collection, Count, ListQuery, Page, Position } from '../../storage/storage.ts'
import { searchKey } from './rules.ts'
import type { User } from './schema.ts'

const MAX_COUNT = 10_000
const COUNTED_AT_ONCE = 1_000
/** E-mails mostly begin like the name, which was found before: so many of them are read at once, and so often for one page. */
const LOOKED_AT_ONCE = 100
const MAX_LOOKS = 10

export interface UserFilters {
  q?: string
  role?: User['role']
  status?: User['status']
}

export interface UserQuery extends UserFilters {
  limit: number
  after?: UserPosition
}

/** Where a page ended: among names or among e-mails; without a place at their beginning. A cursor holds plain values only. */
export interface UserPosition extends Partial<Position> {
  by: 'name' | 'email' | 'date'
}

export interface UserPage {
  users: User[]
  next: UserPosition | null
}

/**
 * Newest first; with `q` those whose name begins so, by name, and then those whose e-mail does, by e-mail. A page may be shorter than asked
 * for, or empty, though more follow: `next` tells.
 */
export async function searchUsers(users: Collection<User>, query: UserQuery): Promise<UserPage> {
  if (query.q === undefined) return newestUsers(users, query)
  const prefix = searchKey(query.q)
  const found: User[] = []
  let place: UserPosition | null = query.after ?? { by: 'name' }
  for (let looks = 0; place && found.length < query.limit && looks < MAX_LOOKS; looks++) {
    const { by }: UserPosition = place
    const wanted = query.limit - found.length
    const page: Page<User> = await users.list({
      index: by === 'name' ? 'name' : 'email',
      range: { prefix },
      where: residual(query),
      after: placeIn(place),
      limit: by === 'name' ? wanted : Math.max(wanted, LOOKED_AT_ONCE),
    })
    const fitting =
      by === 'name' ? page.items : page.items.filter((user) => !user.name_key.startsWith(prefix))
    found.push(...fitting.slice(0, wanted))
    if (fitting.length > wanted) place = { by, value: found.at(-1)!.email, id: found.at(-1)!.id }
    else if (page.next) place = { by, ...page.next }
    else place = by === 'name' ? { by: 'email' } : null
    await turn()
  }
  return { users: found, next: place }
}

async function newestUsers(users: Collection<User>, query: UserQuery): Promise<UserPage> {
  const page = await users.list({
    ...byDate(query),
    order: 'desc',
    after: query.after && placeIn(query.after),
    limit: query.limit,
  })
  return { users: page.items, next: page.next && { by: 'date', ...page.next } }
}

function placeIn({ value, id }: UserPosition): Position | undefined {
  return value === undefined || id === undefined ? undefined : { value, id }
}

function byDate({ role, status }: UserFilters): Pick<ListQuery, 'index' | 'equal' | 'where'> {
  if (role !== undefined) return { index: 'role', equal: [role], where: residual({ status }) }
  if (status !== undefined) return { index: 'status', equal: [status] }
  return { index: 'created' }
}

function residual({ role, status }: UserFilters): Record<string, string> {
  return { ...(role !== undefined && { role }), ...(status !== undefined && { status }) }
}

/** How many there are; counting stops at 10,000. */
export async function countUsers(users: Collection<User>, query: UserFilters): Promise<Count> {
  if (query.q === undefined) return users.count(byDate(query))
  const prefix = searchKey(query.q)
  const where = residual(query)
  const byName = await users.count({ index: 'name', range: { prefix }, where })
  if (byName.relation === 'gte') return byName
  let value = byName.value
  for await (const page of pagesOf(users, {
    index: 'email',
    range: { prefix },
    where,
    limit: COUNTED_AT_ONCE,
  })) {
    value += page.filter((user) => !user.name_key.startsWith(prefix)).length
    if (value > MAX_COUNT) return { value: MAX_COUNT, relation: 'gte' }
  }
  return { value, relation: 'eq' }
}
