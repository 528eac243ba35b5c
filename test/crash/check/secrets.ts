import type { Facts } from './facts.ts'

/** I30: what was planted as secret or personal is in no event, output, metric or error body. */
export function secretViolations(
  facts: Facts,
  texts: readonly string[],
  canaries: Record<string, string>,
): string[] {
  const places: [string, string][] = [
    ...facts.records.map(({ topic, offset, text }): [string, string] => [
      `event ${offset} of ${topic}`,
      text,
    ]),
    ...texts.map((text): [string, string] => ['output, metrics or an error body', text]),
  ]
  return Object.entries(canaries).flatMap(([name, value]) => {
    const leak = places.find(([, text]) => text.includes(value))
    return leak ? [`I30: the planted ${name} occurs in ${leak[0]}`] : []
  })
}
