import { MAX_ROW_BYTES } from './schema.ts'

export interface Line {
  /** From 1. */
  row: number
  /** Undefined for a line that is too long; it is not kept. */
  bytes: Buffer | undefined
}

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const BYTE_ORDER_MARK = Buffer.from('\uFEFF')

/** The lines of NDJSON, without empty ones, one at a time. */
export async function* linesOf(source: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  const collected = collecting()
  for await (const chunk of source) {
    let from = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      collected.add(chunk.subarray(from, end))
      const line = collected.take()
      if (line) yield line
      from = end + 1
    }
    collected.add(chunk.subarray(from))
  }
  const last = collected.take()
  if (last) yield last
}

function collecting() {
  let row = 0
  let kept: Buffer[] = []
  let length = 0
  return {
    add(part: Buffer): void {
      length += part.length
      if (length > MAX_ROW_BYTES) kept = []
      else kept.push(part)
    },
    /** Undefined for an empty line. */
    take(): Line | undefined {
      row += 1
      const line = { row, bytes: length > MAX_ROW_BYTES ? undefined : trimmed(Buffer.concat(kept), row) }
      kept = []
      length = 0
      return line.bytes?.length === 0 ? undefined : line
    },
  }
}

function trimmed(line: Buffer, row: number): Buffer {
  const from =
    row === 1 && line.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0
  const end = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length
  return line.subarray(from, Math.max(from, end))
}
