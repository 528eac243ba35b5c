/** All words, the last as a prefix, in the language of FTS5; words hold letters and digits only. */
export function matchExpression(words: readonly string[], columns?: string): string {
  const all = words.map((word, at) => (at === words.length - 1 ? `"${word}"*` : `"${word}"`)).join(' AND ')
  return columns ? `{${columns}} : (${all})` : all
}
