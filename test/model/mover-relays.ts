import { type Add, type MoverSetting, OTHER, type Relay, type State } from './mover-state.ts'

/** What a relay may do next: send, forget, read ahead, crash. */
export function relayEdges(
  setting: MoverSetting,
  { index, relay }: { index: number; relay: Relay },
  state: State,
  add: Add,
): void {
  const { mode } = setting
  if (state.crashes > 0) {
    add(`r${index}.CRASH`, (after) => {
      after.crashes--
      after.relays[index] = null
    })
  }
  if (setting.others > 0) aheadEdges(setting, { index, relay }, state, add)
  const entry = relay.batch[relay.sent]
  if (entry) {
    add(`r${index}.send${entry.event}`, (after) => {
      if (entry.event !== OTHER && !after.log.includes(entry.event)) after.log.push(entry.event)
      after.relays[index]!.sent++
    })
    return
  }
  add(`r${index}.forget`, (after) => {
    const positions = relay.batch.map(({ position }) => position)
    const through = Math.max(...positions)
    after.outbox = after.outbox.filter(({ position }) =>
      mode === 'forgetThrough' ? position > through : !positions.includes(position),
    )
    const { ahead, looked } = after.relays[index]!
    after.relays[index] =
      ahead && ahead.length > 0 && looked ? { batch: ahead, sent: 0, ahead: null, looked: false } : null
  })
}

/** What lies behind the batch is read while the log takes it; and then it is looked whether something lies below. */
function aheadEdges(
  { mode }: MoverSetting,
  { index, relay }: { index: number; relay: Relay },
  state: State,
  add: Add,
): void {
  const last = Math.max(...relay.batch.map(({ position }) => position))
  if (!relay.ahead && state.outbox.some(({ position }) => position > last)) {
    add(`r${index}.ahead`, (after) => {
      const ahead = after.outbox.filter(({ position }) => position > last).map((entry) => ({ ...entry }))
      Object.assign(after.relays[index]!, { ahead, looked: mode === 'aheadUnseen' })
    })
  }
  if (relay.ahead && !relay.looked) {
    add(`r${index}.lookBelow`, (after) => {
      const handed = new Set(relay.batch.map(({ position }) => position))
      const below = after.outbox.some(({ position }) => position <= last && !handed.has(position))
      Object.assign(after.relays[index]!, { looked: true, ...(below && { ahead: [] }) })
    })
  }
}
