import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** A request of an `.http` file in the form of VS Code's REST Client. */
export interface FileRequest {
  title: string
  name?: string
  expect: number
  method: string
  url: string
  headers: Record<string, string>
  body?: string
}

/** Reads the requests of a file; variables are left in them. */
export function readApiFile(path: string): { variables: Record<string, string>; requests: FileRequest[] } {
  const [head = '', ...blocks] = readFileSync(path, 'utf8').split(/^###[ \t]*/m)
  const variables = Object.fromEntries(
    [...head.matchAll(/^@(\w+) = (.*)$/gm)].map(([, name, value]) => [name!, value!]),
  )
  return { variables, requests: blocks.map(readRequest) }
}

function readRequest(block: string): FileRequest {
  const [title = '', ...rest] = block.split('\n')
  const notes = rest.filter((line) => line.startsWith('# @'))
  const lines = rest.filter((line) => !line.startsWith('#'))
  while (lines[0] === '') lines.shift()
  const [first = '', ...others] = lines
  const [method = '', url = ''] = first.split(' ')
  const blank = others.indexOf('')
  const headers = others
    .slice(0, blank < 0 ? undefined : blank)
    .map((line) => line.split(/:\s*/, 2) as [string, string])
  const body =
    blank < 0
      ? ''
      : others
          .slice(blank + 1)
          .join('\n')
          .trim()
  const note = (name: string) => notes.find((line) => line.startsWith(`# @${name} `))?.slice(name.length + 4)
  const name = note('name')
  return {
    title,
    expect: Number(note('expect')),
    method,
    url,
    headers: Object.fromEntries(headers),
    ...(name && { name }),
    ...(body && { body }),
  }
}

/** The bytes of a body: a form's lines end as HTTP wants it, and a line `< ./file` stands for that file, looked for beside `path`. */
export function bodyOf(text: string, path: string): string | Uint8Array {
  if (!text.startsWith('--')) return text
  const lines = text.split('\n').flatMap((line) => {
    const file = /^< (.+)$/.exec(line)?.[1]
    return [file ? readFileSync(resolve(dirname(path), file)) : Buffer.from(line), Buffer.from('\r\n')]
  })
  return Buffer.concat(lines)
}

/** An answer as later requests refer to it: `{{name.response.body.id}}`, `{{name.response.headers.X-Session-Id}}`. */
export interface NamedAnswer {
  body: unknown
  headers: Headers
}

/** Puts variables and earlier answers into a text; throws when one is not there. */
export function fill(
  text: string,
  variables: Record<string, string>,
  answers: Map<string, NamedAnswer>,
): string {
  return text.replaceAll(/\{\{([^}]+)\}\}/g, (_, expression: string) => {
    const [name = '', , part, ...path] = expression.split('.')
    const variable = variables[expression]
    if (variable !== undefined) return variable
    const answer = answers.get(name)
    const value =
      part === 'headers'
        ? answer?.headers.get(path.join('.'))
        : path.reduce<unknown>(
            (inner, field) => (inner as Record<string, unknown> | undefined)?.[field],
            answer?.body,
          )
    if (value === undefined || value === null) throw new Error(`${expression} is not there`)
    return String(value)
  })
}
