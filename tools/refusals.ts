import { globSync, readFileSync } from 'node:fs'
import { parseSync } from '@swc/core'
import { STATUS_OF } from '../src/http/refusal-status.ts'
import type { RefusalKind } from '../src/kernel/errors.ts'

/** A refusal as the code utters it; what a sentence takes from elsewhere stands in it as `…`. */
export interface Uttered {
  kind: RefusalKind
  code: string
  sentences: string[]
}

export interface Found {
  refusals: Uttered[]
  /** Places whose kind, code or sentence cannot be read off the code, as `FILE: what is wrong`. */
  faults: string[]
}

type Node = { type: string } & Record<string, unknown>

/** A function around a place in the code: what it names, and its parameters in order. */
interface Scope {
  name: string | undefined
  parameters: (string | undefined)[]
  constants: Map<string, Node>
}

/** Places that hand on a refusal that was uttered elsewhere. */
const HANDED_ON = new Set(['src/storage/sqlite/messages.ts', 'src/shop/orders/answering.ts'])

/** Every refusal of the code: each `new Refusal(…)`, and each `{ kind, code, message }` that becomes one later. */
export function refusalsIn(sources: Record<string, string>): Found {
  const found: Found = { refusals: [], faults: [] }
  const calls = new Map<string, Node[][]>()
  const late: (() => void)[] = []

  function take(file: string, [kind, code, message]: (Node | undefined)[], scopes: Scope[]): void {
    const [kindName, codeName] = [literal(kind), literal(code)]
    if (!kindName || !(kindName in STATUS_OF) || !codeName) {
      if (!HANDED_ON.has(file)) found.faults.push(`${file}: the kind and the code of a refusal are literals`)
      return
    }
    // A name may mean another constant further down.
    const here = scopes.map((scope) => ({ ...scope, constants: new Map(scope.constants) }))
    late.push(() => {
      const sentences = message ? sentencesOf(message, here, calls) : []
      if (sentences.length === 0) found.faults.push(`${file}: ${codeName} is said without a sentence`)
      found.refusals.push({ kind: kindName as RefusalKind, code: codeName, sentences })
    })
  }

  function walk(file: string, node: unknown, scopes: Scope[], name?: string): void {
    if (typeof node !== 'object' || node === null) return
    const inner = isNode(node) ? look(file, node, scopes, name) : scopes
    const own = isNode(node) ? ownName(node) : undefined
    for (const part of Object.values(node)) walk(file, part, inner, own ?? name)
  }

  /** Takes what the node itself says; gives the scopes of what lies in it. */
  function look(file: string, node: Node, scopes: Scope[], name: string | undefined): Scope[] {
    const inner = node.params ? [...scopes, scopeOf(node, name)] : scopes
    if (node.type === 'VariableDeclarator' && isNode(node.init))
      inner.at(-1)!.constants.set(nameOf(node.id) ?? '', node.init)
    if (node.type === 'NewExpression' && nameOf(node.callee) === 'Refusal')
      take(file, argumentsOf(node), inner)
    if (node.type === 'ObjectExpression') {
      const members = membersOf(node)
      if (members.has('code') && (literal(members.get('kind')) ?? '') in STATUS_OF)
        take(file, [members.get('kind'), members.get('code'), members.get('message')], inner)
    }
    const called = node.type === 'CallExpression' ? nameOf(node.callee) : undefined
    if (called) calls.set(called, [...(calls.get(called) ?? []), argumentsOf(node)])
    return inner
  }

  for (const [file, text] of Object.entries(sources)) {
    const { body } = parseSync(text, { syntax: 'typescript', target: 'es2024' })
    walk(file, body, [{ name: undefined, parameters: [], constants: new Map() }])
  }
  for (const sentences of late) sentences()
  return found
}

/** The sources of the server by their paths, without tests. */
export function serverSources(): Record<string, string> {
  const files = globSync('src/**/*.ts')
    .filter((file) => !file.endsWith('.test.ts'))
    .sort()
  return Object.fromEntries(files.map((file) => [file, readFileSync(file, 'utf8')]))
}

/** What an expression can say: its literals, those of the constants it names, and what callers hand in. */
function sentencesOf(node: Node, scopes: Scope[], calls: Map<string, Node[][]>): string[] {
  const inner = (part: unknown) => (isNode(part) ? sentencesOf(part, scopes, calls) : [])
  switch (node.type) {
    case 'StringLiteral':
      return [node.value as string]
    case 'TemplateLiteral':
      return [(node.quasis as { cooked: string }[]).map(({ cooked }) => cooked).join('…')]
    case 'ConditionalExpression':
      return [...inner(node.consequent), ...inner(node.alternate)]
    case 'BinaryExpression':
      return [...inner(node.left), ...inner(node.right)]
    case 'MemberExpression':
      return inner(node.object)
    case 'ObjectExpression':
      return [...membersOf(node).values()].flatMap(inner)
    case 'Identifier':
      return sentencesOfName(node.value as string, scopes, calls)
    default:
      return []
  }
}

function sentencesOfName(name: string, scopes: Scope[], calls: Map<string, Node[][]>): string[] {
  for (const [index, scope] of [...scopes.entries()].reverse()) {
    const constant = scope.constants.get(name)
    if (constant) return sentencesOf(constant, scopes.slice(0, index + 1), calls)
    const at = scope.parameters.indexOf(name)
    if (at >= 0 && scope.name)
      return (calls.get(scope.name) ?? []).flatMap((given) =>
        given[at] ? sentencesOf(given[at], [], calls) : [],
      )
  }
  return []
}

/** The name that a function gets by where it is declared. */
function ownName(node: Node): string | undefined {
  return node.type === 'VariableDeclarator' ? nameOf(node.id) : nameOf(node.identifier)
}

function scopeOf(node: Node, name: string | undefined): Scope {
  const parameters = (node.params as Node[]).map((given) => nameOf(given.pat ?? given))
  return { name: nameOf(node.identifier) ?? name, parameters, constants: new Map() }
}

function argumentsOf(node: Node): Node[] {
  return ((node.arguments ?? []) as { expression: Node }[]).map(({ expression }) => expression)
}

function membersOf(node: Node): Map<string, Node> {
  return new Map(
    (node.properties as Node[]).flatMap((member): [string, Node][] => {
      if (member.type === 'Identifier') return [[member.value as string, member]]
      return member.type === 'KeyValueProperty' ? [[nameOf(member.key) ?? '', member.value as Node]] : []
    }),
  )
}

function literal(node: Node | undefined): string | undefined {
  return node?.type === 'StringLiteral' ? (node.value as string) : undefined
}

function nameOf(node: unknown): string | undefined {
  return isNode(node) && typeof node.value === 'string' ? node.value : undefined
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}
