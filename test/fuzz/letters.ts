import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bodiesOf } from '../support/mime.ts'
import type { Things } from './things.ts'

/** Reads what the shop has mailed into its folder since the last time, and remembers the tokens of links in it. */
export function createLetters(directory: string, things: Things): () => void {
  const read = new Set<string>()
  const folder = join(directory, 'mail')
  return () => {
    if (!existsSync(folder)) return
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.eml') && !read.has(name))) {
      read.add(file)
      const { text } = bodiesOf(readFileSync(join(folder, file), 'utf8'))
      const link = /#token=(\S+)/.exec(text)?.[1]
      if (link) things.learn('', { link })
    }
  }
}
