import { type Digest, digester } from './canonical.ts'

/** One thing that was looked at in both places. */
export interface Finding {
  what: string
  old: string
  fresh: string
  equal: boolean
}

/** Two streams of texts that should be the same. */
export function twin() {
  const old = digester()
  const fresh = digester()
  return {
    old: old.add,
    fresh: fresh.add,
    /** `counted` says how many the new place has in all, which may be more than were asked for. */
    finding(what: string, counted?: number): Finding {
      return findingOf(what, old.result(), {
        ...fresh.result(),
        ...(counted !== undefined && { count: counted }),
      })
    },
  }
}

const SHOWN_OF_HASH = 12

export function findingOf(what: string, old: Digest, fresh: Digest): Finding {
  const shown = ({ count, hash }: Digest) => `${count.toLocaleString('en')}  ${hash.slice(0, SHOWN_OF_HASH)}`
  return {
    what,
    old: shown(old),
    fresh: shown(fresh),
    equal: old.count === fresh.count && old.hash === fresh.hash,
  }
}

/** The table of a comparison, as text. */
export function tableOf(findings: readonly Finding[]): string {
  const rows = [
    ['', 'old', 'new', ''],
    ...findings.map(({ what, old, fresh, equal }) => [what, old, fresh, equal ? 'equal' : 'DIFFERENT']),
  ]
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map(([what, old, fresh, verdict]) =>
      `${what!.padEnd(widths[0]!)}  ${old!.padStart(widths[1]!)}  ${fresh!.padStart(widths[2]!)}  ${verdict}`.trimEnd(),
    )
    .join('\n')
}
