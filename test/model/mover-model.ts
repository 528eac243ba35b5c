import type { Edge, Model } from './explore.ts'
import { relayEdges } from './mover-relays.ts'
import { type Add, type Mover, type MoverMode, type MoverSetting, OTHER, type State } from './mover-state.ts'

/**
 * Several movers and relays, none of which knows of the others, work on the events of one document: they read it, get
 * positions, insert one after the other, take out of the document what they know to be in the outbox; and what is read
 * from the outbox is sent in order and then forgotten.
 */
export function moverModel(setting: MoverSetting): Model<State> {
  const { movers, relays, crashes, mode } = setting
  const early = mode === 'positionsFirst' ? Array.from({ length: movers }, (_, index) => index * 10) : []
  return {
    init: {
      next: 1,
      others: setting.others,
      document: [],
      outbox: [],
      given: mode === 'positionsFirst' ? movers * 10 : 0,
      log: [],
      movers: Array(movers).fill(null),
      early,
      relays: Array(relays).fill(null),
      crashes,
    },
    next: (state) => edges(setting, state),
    always: ({ log }) => (log.every((event, index) => event === index + 1) ? undefined : 'out of order'),
    atRest: ({ log }) => (log.length === setting.events ? undefined : 'event lost'),
    isWish: () => false,
  }
}

function edges(setting: MoverSetting, state: State): Edge<State>[] {
  const found: Edge<State>[] = []
  const add: Add = (name, effect) => {
    const after = structuredClone(state)
    effect(after)
    if (setting.mode !== 'positionsFirst') rank(after)
    found.push([name, after])
  }
  if (state.next <= setting.events) add(`commit${state.next}`, (after) => after.document.push(after.next++))
  if (state.others > 0) {
    add('other', (after) => {
      after.others--
      after.outbox.push({ position: ++after.given, event: OTHER })
    })
  }
  for (const [index, mover] of state.movers.entries()) {
    if (mover) moverEdges(setting, { index, mover }, state, add)
    else if (state.document.length > 0) {
      add(`m${index}.read`, (after) => {
        const events = [...after.document]
        after.movers[index] = { step: 'give', events, first: 0, tried: 0, there: [] }
      })
    }
  }
  for (const [index, relay] of state.relays.entries()) {
    if (relay) relayEdges(setting, { index, relay }, state, add)
    else if (state.outbox.length > 0) {
      add(`r${index}.read`, (after) => {
        const batch = after.outbox.map((entry) => ({ ...entry }))
        after.relays[index] = { batch, sent: 0, ahead: null, looked: false }
      })
    }
  }
  return found
}

/** Only the order of positions matters: with the same order states are the same. */
function rank(state: State): void {
  const giving = state.movers.filter((mover) => mover?.step === 'insert')
  const read = state.relays.flatMap((relay) => [...(relay?.batch ?? []), ...(relay?.ahead ?? [])])
  const entries = [...state.outbox, ...read]
  const used = [
    ...entries.map(({ position }) => position),
    ...giving.flatMap((mover) => mover!.events.map((_, place) => mover!.first + place)),
  ]
  const ranks = new Map(
    [...new Set(used)].sort((a, b) => a - b).map((position, place) => [position, place + 1]),
  )
  for (const entry of entries) entry.position = ranks.get(entry.position)!
  for (const mover of giving) mover!.first = ranks.get(mover!.first)!
  for (const mover of state.movers) if (mover && mover.step !== 'insert') mover.first = 0
  state.given = ranks.size
}

function moverEdges(
  { mode }: MoverSetting,
  { index, mover }: { index: number; mover: Mover },
  state: State,
  add: Add,
): void {
  const own = (after: State) => after.movers[index]!
  if (state.crashes > 0) {
    add(`m${index}.CRASH`, (after) => {
      after.crashes--
      after.movers[index] = null
    })
  }
  const steps: Record<Mover['step'], () => void> = {
    give: () => add(`m${index}.give`, (after) => give(after, index)),
    insert: () =>
      add(`m${index}.insert${mover.events[mover.tried]}`, (after) => insert(after, own(after), mode)),
    look: () =>
      add(`m${index}.look`, (after) => {
        const known = new Set([...own(after).there, ...after.outbox.map(({ event }) => event)])
        own(after).there = mover.events.filter((event) => known.has(event))
        own(after).step = 'takeOut'
      }),
    takeOut: () => add(`m${index}.takeOut`, (after) => takeOut(after, index, mode)),
  }
  steps[mover.step]()
}

function give(after: State, index: number): void {
  const mover = after.movers[index]!
  if (after.early.length > 0) {
    mover.first = after.early[index]! + 1
    after.early[index]! += mover.events.length
  } else {
    mover.first = after.given + 1
    after.given += mover.events.length
  }
  mover.step = 'insert'
}

function insert(after: State, mover: Mover, mode: MoverMode): void {
  const event = mover.events[mover.tried]!
  const taken = after.outbox.some((entry) => entry.event === event)
  if (!taken) {
    after.outbox.push({ position: mover.first + mover.tried, event })
    after.outbox.sort((a, b) => a.position - b.position)
    mover.there.push(event)
  } else if (mode === 'goOn') mover.there.push(event)
  mover.tried++
  if (taken && mode !== 'goOn') mover.step = 'look'
  else if (mover.tried === mover.events.length) mover.step = 'takeOut'
}

function takeOut(after: State, index: number, mode: MoverMode): void {
  const { events, there } = after.movers[index]!
  const gone = mode === 'takeOutUnseen' ? events : there
  after.document = after.document.filter((event) => !gone.includes(event))
  const left = events.filter((event) => !gone.includes(event))
  after.movers[index] =
    left.length === 0 ? null : { step: 'give', events: left, first: 0, tried: 0, there: [] }
}
