import type { Fence, RollUps } from '../storage/roll-ups.ts'
import { conflictOf, MAX_ATTEMPTS, pauseAfterConflict } from './conflicts.ts'

/** Roll-up of generations: one document per group that was begun again. */
const GENERATIONS = 'generations'
/** Entry of a fence beside its places; those have a slash in their names. */
const ENTRY = 'generation'

/**
 * Which of a group's results count. Where several nodes read one log, a roll-up that is dropped would be written
 * on by a node that knows nothing of it. So it is begun again by raising a number: fences carry it, and
 * positions, sequences and parked subjects lie under a name of their own for each. What a late node still writes
 * under the former number counts for nothing.
 */
export interface Generation {
  number: number
  /** The group's name, with the number behind it from the second generation on. */
  key: string
}

/** The group was begun again meanwhile: what this node knows of it is void. */
export class Superseded extends Error {
  constructor(group: string) {
    super(`${group} is being built again; this node begins anew with it`)
    this.name = 'Superseded'
  }
}

export function firstGeneration(group: string): Generation {
  return generation(group, 0)
}

/** The one that follows it. */
export function nextOf(group: string, { number }: Generation): Generation {
  return generation(group, number + 1)
}

/** The one before it, of a generation that is not the first. */
export function formerOf(group: string, { number }: Generation): Generation {
  return generation(group, number - 1)
}

export async function generationOf(rollUps: Pick<RollUps, 'read'>, group: string): Promise<Generation> {
  const [stored] = await rollUps.read(GENERATIONS, [group])
  return generation(group, stored ? numberIn(stored.fence) : 0)
}

/** Voids all that a group has counted; every node that runs it begins anew. */
export async function beginAgain(
  rollUps: Pick<RollUps, 'read' | 'write'>,
  group: string,
): Promise<Generation> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const [stored] = await rollUps.read(GENERATIONS, [group])
    const next = (stored ? numberIn(stored.fence) : 0) + 1
    const document = { id: group, expected: stored?.fence ?? null, fence: { [ENTRY]: next }, body: {} }
    if (await rollUps.write(GENERATIONS, [document], [])) return generation(group, next)
    await pauseAfterConflict(attempt)
  }
  throw conflictOf(`the generation of ${group}`)
}

/** The generation that wrote a document. */
export function numberIn(fence: Fence): number {
  return fence[ENTRY] ?? 0
}

/** The fence of a document that has counted nothing. */
export function freshFence({ number }: Generation): Fence {
  return number === 0 ? {} : { [ENTRY]: number }
}

function generation(group: string, number: number): Generation {
  return { number, key: number === 0 ? group : `${group}@${number}` }
}
