/** Whose name cannot be shown. */
const NAMELESS = 'A customer'

/**
 * The name under which a person's reviews are shown: the first word, and the initial of the last one. Of an address that somebody
 * gave as a name, what is behind the sign is left out.
 */
export function displayName(name: string | undefined): string {
  const words = (name ?? '').split(/\s+/).flatMap((word) => word.split('@', 1)[0] || [])
  const [first, ...others] = words
  if (first === undefined) return NAMELESS
  const initial = [...(others.at(-1) ?? '')][0]
  return initial === undefined ? first : `${first} ${initial.toLocaleUpperCase('en')}.`
}
