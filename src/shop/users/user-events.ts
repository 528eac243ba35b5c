import type { EventDraft } from '../../kernel/event.ts'
import { newId } from '../../kernel/ids.ts'
import {
  profileUpdated,
  type User,
  userDeactivated,
  userErased,
  userErasing,
  userRegistered,
  userRoleChanged,
} from './schema.ts'

interface Telling {
  actor: string
  now: number
}

function about(user: Pick<User, 'id'>, { actor, now }: Telling) {
  return { id: newId('evt', now), subject: `users/${user.id}`, key: user.id, at: now, actor }
}

type State = Pick<User, 'id' | 'role' | 'status'>

/** Of an account on its way out nothing is told but that. */
type ToldStatus = Exclude<User['status'], 'erasing' | 'erased'>

function stateOf({ id: user_id, role, status }: State) {
  return { user_id, role, status: status as ToldStatus }
}

export function toldRegistered(user: State, telling: Telling): EventDraft {
  return userRegistered.draft({ ...about(user, telling), data: stateOf(user) })
}

export function toldProfileUpdated(user: State, changed: string[], telling: Telling): EventDraft {
  return profileUpdated.draft({ ...about(user, telling), data: { ...stateOf(user), changed } })
}

export function toldErasing(user: State, telling: Telling): EventDraft {
  return userErasing.draft({ ...about(user, telling), data: { user_id: user.id, role: user.role } })
}

export function toldErased(user: State, telling: Telling): EventDraft {
  return userErased.draft({ ...about(user, telling), data: { user_id: user.id, role: user.role } })
}

/** What a change by staff has to tell: one event for each kind of change in it. */
export function toldChanges(before: User, after: User, telling: Telling): EventDraft[] {
  const { user_id, role, status } = stateOf(after)
  const events: EventDraft[] = []
  const deactivated = before.status === 'active' && status === 'deactivated'
  const changed = ['name', 'status'].filter(
    (field) =>
      before[field as keyof User] !== after[field as keyof User] && !(field === 'status' && deactivated),
  )
  if (changed.length > 0) events.push(toldProfileUpdated(after, changed, telling))
  if (before.role !== role) {
    events.push(
      userRoleChanged.draft({
        ...about(after, telling),
        data: { user_id, from: before.role, to: role, status },
      }),
    )
  }
  if (deactivated)
    events.push(userDeactivated.draft({ ...about(after, telling), data: { user_id, role, status } }))
  return events
}
