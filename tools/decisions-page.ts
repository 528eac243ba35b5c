import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

export const DECISIONS_PAGE = 'docs/decisions/README.md'

/** The index of docs/decisions: the title of each record, by its number. Throws for a record without one. */
export function decisionsPage(): string {
  const rows = globSync('docs/decisions/[0-9]*.md')
    .sort()
    .map((path) => {
      const file = basename(path)
      const title = /^# (?:\d+\. )?(.+)$/m.exec(readFileSync(path, 'utf8'))?.[1]
      if (title === undefined) throw new Error(`${path} does not begin with its title, as "# 7. A title"`)
      return `- [${Number.parseInt(file, 10)}. ${title}](${file})`
    })
  const head = 'Why things are as they are, by number. Written by `npm run docs`.'
  return ['# Decisions', '', head, '', ...rows, ''].join('\n')
}
