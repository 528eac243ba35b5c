import { Refusal } from '../../kernel/errors.ts'
import { DAY_MS, DEFAULT_PERIOD_DAYS, HOUR_MS, MAX_PERIOD_DAYS, type StatsQuery } from './schema.ts'

export const TOTALS_ID = 'totals'

/** Half-open, in milliseconds, whole UTC hours. */
export interface Period {
  from: number
  to: number
}

/** The hour, the day and the month that a time lies in, as ids of their documents. */
export function periodIds(time: string): [hour: string, day: string, month: string] {
  return [`hour:${time.slice(0, 13)}`, `day:${time.slice(0, 10)}`, `month:${time.slice(0, 7)}`]
}

/** Whether a time lies in the hour, day or month of a document. */
export function liesIn(time: string, id: string): boolean {
  return time.startsWith(id.slice(id.indexOf(':') + 1))
}

/** The period asked for; without `from` and `to` the 30 days that end with the hour that runs now. */
export function periodOf(query: StatsQuery, now: number): Period {
  const to =
    query.to === undefined ? Math.floor(now / HOUR_MS) * HOUR_MS + HOUR_MS : wholeHour('to', query.to)
  const from = query.from === undefined ? to - DEFAULT_PERIOD_DAYS * DAY_MS : wholeHour('from', query.from)
  if (from >= to) throw new Refusal('malformed', 'bad_period', '`from` must lie before `to`.')
  if (to - from > MAX_PERIOD_DAYS * DAY_MS) {
    throw new Refusal('malformed', 'bad_period', `A period spans at most ${MAX_PERIOD_DAYS} days.`)
  }
  return { from, to }
}

function wholeHour(name: string, text: string): number {
  const ms = Date.parse(text.length === 17 ? `${text.slice(0, 16)}:00Z` : text)
  // A day that the month lacks would silently become one of the next month.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 13) !== text.slice(0, 13)) {
    throw new Refusal('malformed', 'bad_period', `\`${name}\` is no hour of the calendar.`)
  }
  return ms
}

/** The period of equal length before. */
export function periodBefore({ from, to }: Period): Period {
  return { from: from - (to - from), to: from }
}

/** Ids of the fewest documents that together are the period: whole months and days, hours at the edges. */
export function documentsOf({ from, to }: Period): string[] {
  const ids: string[] = []
  for (let at = from; at < to; ) {
    const [hour, day, month] = periodIds(new Date(at).toISOString())
    const nextMonth = monthAfter(at)
    if (at % DAY_MS !== 0 || at + DAY_MS > to) {
      ids.push(hour)
      at += HOUR_MS
    } else if (new Date(at).getUTCDate() !== 1 || nextMonth > to) {
      ids.push(day)
      at += DAY_MS
    } else {
      ids.push(month)
      at = nextMonth
    }
  }
  return ids
}

function monthAfter(ms: number): number {
  const date = new Date(ms)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
}
