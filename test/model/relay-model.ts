import type { Edge, Model } from './explore.ts'

/** How a relay goes about it; all but `good` are ways that lose or disorder events. */
export type RelayMode = 'good' | 'trimFirst' | 'pipelined' | 'skipFailing'

export interface RelaySetting {
  mode: RelayMode
  events: number
  relays: number
  crashes: number
  timeouts: number
}

interface Relay {
  batch: number[]
  /** Next of the batch to publish. */
  at: number
  acknowledged: number
}

interface State {
  next: number
  outbox: number[]
  log: number[]
  relays: (Relay | null)[]
  crashes: number
  timeouts: number
}

type Add = (name: string, effect: (next: State) => void) => void

/** Relays without any lock move the events of one subject from its outbox to a log that may time out. */
export function relayModel(setting: RelaySetting): Model<State> & { maxDuplicates(): number } {
  let duplicates = 0
  return {
    init: {
      next: 1,
      outbox: [],
      log: [],
      relays: Array(setting.relays).fill(null),
      crashes: setting.crashes,
      timeouts: setting.timeouts,
    },
    next: (state) => next(setting, state),
    always({ log }) {
      const first = firstOccurrences(log)
      duplicates = Math.max(duplicates, log.length - first.length)
      return first.every((event, index) => event === index + 1) ? undefined : 'out of order'
    },
    atRest: ({ log }) => (firstOccurrences(log).length === setting.events ? undefined : 'event lost'),
    isWish: () => false,
    maxDuplicates: () => duplicates,
  }
}

function firstOccurrences(log: number[]): number[] {
  return [...new Set(log)]
}

function next(setting: RelaySetting, state: State): Edge<State>[] {
  const edges: Edge<State>[] = []
  const add: Add = (name, effect) => {
    const copy = structuredClone(state)
    effect(copy)
    edges.push([name, copy])
  }
  if (state.next <= setting.events) add(`append${state.next}`, (after) => after.outbox.push(after.next++))
  for (const [index, relay] of state.relays.entries()) {
    if (relay) work(setting, state, { index, relay }, add)
    else if (state.outbox.length > 0) add(`r${index}.read`, (after) => read(setting, after, index))
  }
  return edges
}

function read({ mode }: RelaySetting, after: State, index: number): void {
  after.relays[index] = { batch: [...after.outbox], at: 0, acknowledged: 0 }
  if (mode === 'trimFirst') after.outbox = []
}

function work(
  { mode }: RelaySetting,
  state: State,
  { index, relay }: { index: number; relay: Relay },
  add: Add,
): void {
  const own = (after: State) => after.relays[index]!
  if (state.crashes > 0) {
    add(`r${index}.CRASH`, (after) => {
      after.crashes--
      after.relays[index] = null
    })
  }
  const event = relay.batch[relay.at]
  if (event === undefined) {
    add(`r${index}.trim`, (after) => {
      const through = mode === 'skipFailing' ? relay.batch.at(-1)! : relay.acknowledged
      if (mode !== 'trimFirst') after.outbox = after.outbox.filter((other) => other > through)
      after.relays[index] = null
    })
    return
  }
  add(`r${index}.publish${event}`, (after) => {
    after.log.push(event)
    own(after).at++
    own(after).acknowledged = event
  })
  if (state.timeouts === 0) return
  for (const arrived of [true, false]) {
    add(`r${index}.timeout${arrived ? 'Done' : 'Lost'}${event}`, (after) => {
      after.timeouts--
      if (arrived) after.log.push(event)
      if (mode === 'skipFailing') own(after).at++
    })
  }
  const behind = relay.batch[relay.at + 1]
  if (mode !== 'pipelined' || behind === undefined) return
  add(`r${index}.overtake`, (after) => {
    after.timeouts--
    after.log.push(behind, event)
    own(after).acknowledged = behind
    own(after).at += 2
  })
}
