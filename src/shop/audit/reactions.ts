import type { CloudEvent } from '../../kernel/event.ts'
import { isId } from '../../kernel/ids.ts'
import type { AppendReaction, PlaceInLog } from '../../stream/reaction.ts'
import type { Users } from '../users/users.ts'
import type { AuditChain } from './chain.ts'
import { deedOf } from './deed-rules.ts'
import { AUDITED_TOPICS, type Deed } from './schema.ts'
import { digestWith } from './sealing.ts'

export const AUDIT_GROUP = 'audit_log'

interface Needs {
  chain: AuditChain
  users: Pick<Users, 'rolesOf'>
}

/** Appends what staff did: every event whose actor was staff when it happened. A repeat changes nothing. */
export function auditReaction({ chain, users }: Needs): AppendReaction {
  async function deedsAmong(
    events: readonly CloudEvent[],
    places: readonly PlaceInLog[],
  ): Promise<readonly Deed[]> {
    const actors = new Set(events.map(({ actor }) => actor).filter((actor) => isId(actor, 'usr')))
    if (actors.size === 0) return []
    const roleOf = await users.rolesOf([...actors])
    const byStaff = events.flatMap((event, index) => {
      const role = roleOf(event.actor, event.time)
      return role === undefined || role === 'customer' ? [] : [{ event, role, topic: places[index]!.topic }]
    })
    if (byStaff.length === 0) return []
    const digest = digestWith(await chain.key())
    return byStaff.map(({ event, topic, role }) => deedOf(event, topic, role, digest))
  }

  return {
    kind: 'append',
    name: AUDIT_GROUP,
    topics: AUDITED_TOPICS,
    async handle(events, places) {
      const deeds = await deedsAmong(events, places)
      if (deeds.length > 0) await chain.append(deeds)
    },
  }
}
