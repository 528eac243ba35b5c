/** Orders texts by their UTF-8 bytes, as the databases do; the order of code units differs from it beyond the basic plane. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
