/** A part of what a mail says; all of it is plain text until it is rendered. */
export type Block =
  | { says: string }
  | { link: string; label: string }
  /** Pairs of what and how much or where. */
  | { rows: readonly (readonly [string, string])[] }

export interface Words {
  subject: string
  blocks: readonly Block[]
}

/** The mail for programs that show text. */
export function asText({ blocks }: Words, shop_name: string): string {
  return `${[...blocks.map(textOf), `-- \n${oneLine(shop_name)}`].join('\n\n')}\n`
}

/** The mail for programs that show HTML; whatever people wrote is shown and never obeyed. */
export function asHtml({ subject, blocks }: Words, shop_name: string): string {
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escaped(oneLine(subject))}</title></head>`,
    '<body style="font-family:sans-serif;max-width:40em;margin:1em auto;padding:0 1em">',
    ...blocks.map(htmlOf),
    `<p style="color:#666">${escaped(oneLine(shop_name))}</p>`,
    '</body></html>',
    '',
  ].join('\n')
}

function textOf(block: Block): string {
  if ('says' in block) return oneLine(block.says)
  if ('link' in block) return `${oneLine(block.label)}:\n${block.link}`
  return block.rows.map(([what, value]) => `${oneLine(what)}: ${oneLine(value)}`).join('\n')
}

function htmlOf(block: Block): string {
  if ('says' in block) return `<p>${escaped(oneLine(block.says))}</p>`
  if ('link' in block)
    return `<p><a href="${escaped(block.link)}" rel="noreferrer">${escaped(oneLine(block.label))}</a></p>`
  const rows = block.rows.map(
    ([what, value]) =>
      `<tr><td style="padding-right:2em">${escaped(oneLine(what))}</td><td>${escaped(oneLine(value))}</td></tr>`,
  )
  return `<table>${rows.join('')}</table>`
}

/** Names and addresses are one line each, and none of them turns the writing around. */
function oneLine(text: string): string {
  return text
    .replaceAll(/[\u202a-\u202e\u2066-\u2069]/gu, '')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!)
}
