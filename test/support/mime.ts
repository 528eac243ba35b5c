/** The two bodies of a mail in text and HTML, as its reader sees them. */
export function bodiesOf(raw: string): { text: string; html: string } {
  const boundary = /boundary="([^"]+)"/.exec(raw)?.[1]
  if (boundary === undefined) throw new Error(`not a mail of several parts: ${raw.slice(0, 500)}`)
  const parts = raw.split(`--${boundary}`)
  const body = (type: string) => {
    const part = parts.find((one) => new RegExp(`^Content-Type: ${type}`, 'im').test(one))
    if (part === undefined) throw new Error(`no ${type} in: ${raw.slice(0, 500)}`)
    return decoded(part).replaceAll('\r\n', '\n')
  }
  return { text: body('text/plain'), html: body('text/html') }
}

function decoded(part: string): string {
  const start = part.indexOf('\r\n\r\n')
  const content = part.slice(start + 4)
  const encoding = /^Content-Transfer-Encoding: (\S+)/im.exec(part.slice(0, start))?.[1]?.toLowerCase()
  if (encoding === 'base64') return Buffer.from(content, 'base64').toString()
  if (encoding !== 'quoted-printable') return content
  const bytes = content
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}
