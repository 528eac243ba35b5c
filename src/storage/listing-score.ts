/** What ranking looks at. */
export interface Candidate {
  /** Folded. */
  name: string
  sold: number
  available: number
}

/**
 * A whole number of thousandths, so that it stands in a cursor unchanged: words in the name count most, whole
 * ones more than beginnings, names about little else more than long ones; what sells and is there comes before what is not.
 */
export function score(row: Candidate, words: readonly string[]): number {
  const name = row.name.split(' ')
  const whole = words.filter((word) => name.includes(word)).length
  const begun = words.filter((word) => name.some((part) => part.startsWith(word))).length
  const starts = row.name.startsWith(words.join(' ')) ? 1 : 0
  return Math.round(
    1_000 *
      (4 * (begun / words.length) + 2 * (whole / words.length) + starts + begun / Math.max(name.length, 1)) +
      250 * Math.log10(1 + row.sold) +
      (row.available > 0 ? 500 : 0),
  )
}
