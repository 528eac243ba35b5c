import type { Table } from './exchange-schema.ts'
import type { TableRecord } from './records.ts'
import { MAX_ROW_BYTES } from './schema.ts'

/** Rows of a table that are one value. */
export interface Group {
  /** The first of them. */
  row: number
  rows: number
  /** Undefined where they hold more than a value may; they are not kept. */
  records: TableRecord[] | undefined
}

/** Groups rows that follow each other with the same text in the column that says so. */
export async function* grouped(records: AsyncIterable<TableRecord>, table: Table): AsyncGenerator<Group> {
  let name = ''
  let group: ReturnType<typeof grouping> | undefined
  for await (const record of records) {
    const own = record.cells?.[table.group_by] ?? ''
    if (!group || own === '' || own !== name) {
      if (group) yield group.whole()
      group = grouping(record.row, table)
      name = own
    }
    group.add(record)
  }
  if (group) yield group.whole()
}

function grouping(row: number, { max_rows }: Table) {
  const records: TableRecord[] = []
  let rows = 0
  let length = 0
  return {
    add(record: TableRecord): void {
      rows += 1
      for (const cell of Object.values(record.cells ?? {})) length += cell.length
      if (length > MAX_ROW_BYTES) records.length = 0
      // One more than there may be, so that the value is refused for it.
      else if (records.length <= max_rows) records.push(record)
    },
    whole: (): Group => ({ row, rows, records: length > MAX_ROW_BYTES ? undefined : records }),
  }
}
