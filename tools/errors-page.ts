import { globSync, readFileSync } from 'node:fs'
import { HTTP_PROBLEMS } from '../src/http/protocol-problems.ts'
import { statusOfKind } from '../src/http/refusal-status.ts'
import type { RefusalKind } from '../src/kernel/errors.ts'

/** The second argument is a code; the sentence is a literal or made of parts, whose names then stand in it. */
const REFUSAL =
  /new Refusal\(\s*'([a-z_]+)',\s*'([a-z0-9_]+)',\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)?/g
/** A refusal that is kept before it is uttered. */
const KEPT_REFUSAL =
  /kind: '([a-z_]+)',\s*code: '([a-z0-9_]+)',\s*message:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g

interface Entry {
  code: string
  status: number
  sentence: string
}

/** docs/errors.md: every code that a problem document can carry, found in the code that utters it. */
export function errorsPage(): string {
  const entries = new Map<string, Entry>()
  for (const file of globSync('src/**/*.ts').sort()) {
    if (file.endsWith('.test.ts')) continue
    const text = readFileSync(file, 'utf8')
    const found = [...text.matchAll(REFUSAL), ...text.matchAll(KEPT_REFUSAL)]
    for (const [, kind, code, single, double, template] of found) {
      const status = statusOfKind(kind as RefusalKind)
      const sentence = (single ?? double ?? template ?? '')
        .replaceAll(/\$\{[^}]*\}/g, '…')
        .replaceAll('\\', '')
      const known = entries.get(`${code} ${status}`)
      if (!known || known.sentence === '') entries.set(`${code} ${status}`, { code: code!, status, sentence })
    }
  }
  for (const [code, { status, message }] of Object.entries(HTTP_PROBLEMS))
    entries.set(`${code} ${status}`, { code, status, sentence: message })
  const rows = [...entries.values()]
    .sort((a, b) => a.code.localeCompare(b.code) || a.status - b.status)
    .map(({ code, status, sentence }) => `| \`${code}\` | ${status} | ${sentence.replaceAll('|', '\\|')} |`)
  return [
    '# Error codes',
    '',
    'Every refusal is a problem document (RFC 9457) with one of these codes; they do not change. Written by `npm run docs`.',
    '',
    '| code | status | means |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}
