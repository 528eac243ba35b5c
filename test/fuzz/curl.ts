import type { Fault } from './exchange.ts'
import type { Sent } from './sending.ts'

/** A fault with the request that found it. */
export function faultLine(url: string, { what, sent }: Fault): string {
  return `FAULT ${what}\n  ${curlLine(url, sent)}`
}

/** A line for a shell that sends this request again. */
export function curlLine(url: string, { method, path, headers, content }: Sent): string {
  const fields = Object.entries(headers).map(
    ([name, value]) => `-H ${quoted(value === '' ? `${name};` : `${name}: ${value}`)}`,
  )
  const head = method === 'HEAD' ? '-I' : `-X ${method}`
  const line = ['curl', '-i', '--path-as-is', '-g', head, ...fields, quoted(url + path)].join(' ')
  if (content === undefined) return line
  const bytes = Buffer.from(content)
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f))
    return `${line} --data-binary ${quoted(bytes.toString())}`
  return `echo ${bytes.toString('base64')} | base64 -d | ${line} --data-binary @-`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
