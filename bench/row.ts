export interface Settings {
  runs: number
  seconds: number
}

/** One line of a table; `met` is left out where there is no goal. */
export interface Row {
  what: string
  got: string
  goal: string
  met?: boolean
}

export type Benchmark = (settings: Settings) => Promise<Row[]>

export const whole = (value: number) => Math.round(value).toLocaleString('en')
export const percent = (part: number, of: number) => `${Math.round((100 * part) / of)} %`

export function atLeast(what: string, value: number, goal: number, unit: string): Row {
  return { what, got: `${whole(value)} ${unit}`, goal: `≥ ${whole(goal)} ${unit}`, met: value >= goal }
}

export function atMost(what: string, value: number, goal: number, unit: string): Row {
  const got = value < 10 ? value.toFixed(1) : whole(value)
  return { what, got: `${got} ${unit}`, goal: `≤ ${whole(goal)} ${unit}`, met: value <= goal }
}

/** A figure to compare others with. */
export function known(what: string, value: number, unit: string): Row {
  return { what, got: `${whole(value)} ${unit}`, goal: '' }
}

export function ratio(what: string, value: number, { of, goal }: { of: number; goal: number }): Row {
  return {
    what,
    got: `${percent(value, of)} (${whole(value)} of ${whole(of)}/s)`,
    goal: `≥ ${goal * 100} %`,
    met: value / of >= goal,
  }
}
