/** How events get from their document to the outbox and on to the log; all but `good` are ways that lose or disorder them. */
export type MoverMode = 'good' | 'positionsFirst' | 'goOn' | 'takeOutUnseen' | 'forgetThrough' | 'aheadUnseen'

export interface MoverSetting {
  mode: MoverMode
  events: number
  /** Events of another document, which somebody else moves; where there are some, relays read ahead. */
  others: number
  movers: number
  relays: number
  crashes: number
}

/** A mover on its way: what it has read of the document and not moved yet, and where it stands. */
export interface Mover {
  step: 'give' | 'insert' | 'look' | 'takeOut'
  events: number[]
  /** Position of the first of `events`, once it was given. */
  first: number
  /** How many of them were tried. */
  tried: number
  /** Those that are in the outbox, as far as it knows. */
  there: number[]
}

export interface Relay {
  batch: Entry[]
  sent: number
  /** What was read behind the batch; null before that, or when it will not do. */
  ahead: Entry[] | null
  /** Whether it was looked below the batch after that. */
  looked: boolean
}

export interface Entry {
  position: number
  event: number
}

export interface State {
  next: number
  others: number
  document: number[]
  outbox: Entry[]
  given: number
  /** First copies; more of them change nothing. */
  log: number[]
  movers: (Mover | null)[]
  /** Positions taken before anything was read: only where a mode does that. */
  early: number[]
  relays: (Relay | null)[]
  crashes: number
}

/** An event of another document: it comes between, and nothing depends on its order. */
export const OTHER = 0

export type Add = (name: string, effect: (after: State) => void) => void
