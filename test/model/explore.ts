import { createHash } from 'node:crypto'

/** A small world whose every interleaving can be walked through. States are plain data. */
export interface Model<State> {
  init: State
  /** What may happen next: a name and the state after it. */
  next(state: State): Edge<State>[]
  /** What is wrong in this state, whatever comes next. */
  always(state: State): string | undefined
  /** What is wrong if nothing else happens any more. */
  atRest(state: State): string | undefined
  /** Whether this happens only because somebody wants something new, so that the world may rest before it. */
  isWish(action: string): boolean
}

export type Edge<State> = [action: string, state: State]

export interface Exploration {
  states: number
  edges: number
  at_rest: number
  /** Each fault with a shortest path to it. */
  violations: Map<string, string>
}

/** Walks breadth first, so that the first path to a fault is a shortest one. */
export function explore<State>(model: Model<State>): Exploration {
  const parents = new Map<string, [string, string] | null>([[digest(model.init), null]])
  const found: Exploration = { states: 0, edges: 0, at_rest: 0, violations: new Map() }
  let layer: State[] = [model.init]

  const note = (fault: string | undefined, key: string) => {
    if (fault && !found.violations.has(fault)) found.violations.set(fault, pathTo(parents, key))
    return fault !== undefined
  }
  while (layer.length > 0) {
    const following: State[] = []
    for (const state of layer) {
      found.states++
      const key = digest(state)
      if (note(model.always(state), key)) continue
      const edges = model.next(state)
      found.edges += edges.length
      if (edges.every(([action]) => model.isWish(action))) {
        found.at_rest++
        note(model.atRest(state), key)
      }
      for (const [action, after] of edges) {
        const afterKey = digest(after)
        if (parents.has(afterKey)) continue
        parents.set(afterKey, [key, action])
        following.push(after)
      }
    }
    layer = following
  }
  return found
}

function digest(state: unknown): string {
  return createHash('md5').update(JSON.stringify(state)).digest('base64').slice(0, 16)
}

function pathTo(parents: Map<string, [string, string] | null>, key: string): string {
  const actions: string[] = []
  for (let step = parents.get(key); step; step = parents.get(step[0])) actions.push(step[1])
  return actions.reverse().join(' ')
}
