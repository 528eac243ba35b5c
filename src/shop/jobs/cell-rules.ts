/**
 * What spreadsheets take for a formula, also in full width (OWASP, "CSV Injection"). A cell that begins so, or with quotes in front of
 * it, gets one quote more; reading takes one away. So every text comes back as it was.
 */
const FORMULA = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/
const ESCAPED = /^'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

/** A text as a cell that no spreadsheet calculates. */
export function cellOf(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text
}

/** The text of such a cell. */
export function textOf(cell: string): string {
  return ESCAPED.test(cell) ? cell.slice(1) : cell
}
