import { HTTP_PROBLEMS } from '../src/http/protocol-problems.ts'
import { statusOfKind } from '../src/http/refusal-status.ts'
import type { Uttered } from './refusals.ts'

interface Entry {
  code: string
  status: number
  sentences: Set<string>
}

/** docs/errors.md: every code that a problem document can carry, with all that is said under it. */
export function errorsPage(refusals: readonly Uttered[]): string {
  const entries = new Map<string, Entry>()
  const add = (code: string, status: number, sentences: readonly string[]) => {
    const entry = entries.get(`${code} ${status}`) ?? { code, status, sentences: new Set() }
    for (const sentence of sentences) entry.sentences.add(readable(sentence))
    entries.set(`${code} ${status}`, entry)
  }
  for (const { kind, code, sentences } of refusals) add(code, statusOfKind(kind), sentences)
  for (const [code, { status, message }] of Object.entries(HTTP_PROBLEMS)) add(code, status, [message])
  const rows = [...entries.values()]
    .sort((a, b) => a.code.localeCompare(b.code) || a.status - b.status)
    .map(({ code, status, sentences }) => `| \`${code}\` | ${status} | ${[...sentences].join('<br>')} |`)
  return [
    '# Error codes',
    '',
    'Every refusal is a problem document (RFC 9457) with one of these codes; they do not change. Written by `npm run docs`.',
    '',
    '| code | status | says |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

/** What is filled in ends a sentence as well as a full stop does. */
function readable(sentence: string): string {
  return sentence.replaceAll(/…[….]+/g, '…').replaceAll('|', '\\|')
}
