import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { projectFiles } from './check-files.ts'
import { DECISIONS_PAGE, decisionsPage } from './decisions-page.ts'

/** A path from the root of the repository, wherever it stands; one with `<…>` in it is a pattern for people. */
const PATH = /(?<![\w./-])(?:\.\/)?((?:src|docs|test|tools|scripts|bench)\/[\w.*/<>-]*)/g
const LINK = /\]\((?!https?:|mailto:|#)([^)#\s]+)/g
/** A quotation in the first column of the README's table of troubles. */
const TROUBLES = /^## Troubleshooting$(.*?)^## /ms
const QUOTATION = /"([^"]+)"/g

/** Paths and links of the pages that lead nowhere, messages that the README quotes and no code says, and an old index of decisions. */
export async function docsFaults(): Promise<string[]> {
  const pages = projectFiles('*.md').map((path) => ({ path, text: readFileSync(path, 'utf8') }))
  const sources = globSync('src/**/*.ts').map((path) => readFileSync(path, 'utf8'))
  const said = `${sources.join('\n')}\n`
  const index = existsSync(DECISIONS_PAGE) ? readFileSync(DECISIONS_PAGE, 'utf8') : ''
  return [
    ...(index === decisionsPage() ? [] : [`${DECISIONS_PAGE} is not up to date: run npm run docs`]),
    ...pages.flatMap((page) => pathFaults(page, (path) => globSync(path).length > 0 || existsSync(path))),
    ...quotationFaults(readFileSync('README.md', 'utf8'), said),
  ]
}

/** What a page names and `isThere` does not know. */
export function pathFaults(
  { path: page, text }: { path: string; text: string },
  isThere: (path: string) => boolean,
): string[] {
  const named = [...text.matchAll(PATH)].map(([, path]) => path!.replace(/\.$/, ''))
  const linked = [...text.matchAll(LINK)].map(([, target]) => join(dirname(page), target!))
  return [...new Set([...named.filter((path) => !path.includes('<')), ...linked])]
    .filter((path) => !isThere(path))
    .map((path) => `${page} names ${path}, which is not there`)
}

/** What the README says that the program says, and `said` does not hold. */
export function quotationFaults(readme: string, said: string): string[] {
  const rows = (TROUBLES.exec(readme)?.[1] ?? '').split('\n').filter((line) => line.startsWith('|'))
  return rows
    .flatMap((row) => [...row.split('|')[1]!.matchAll(QUOTATION)])
    .filter(([, quotation]) => !said.includes(quotation!))
    .map(([, quotation]) => `README.md quotes "${quotation}", which no code says`)
}
