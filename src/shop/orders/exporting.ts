import { pagesOf } from '../../storage/list-all.ts'
import type { Storage } from '../../storage/storage.ts'
import { type ExportKind, type OrderExportQuery, OrderExportQuery as Query } from './import-schema.ts'
import { queryOf } from './list-rules.ts'
import { ORDERS } from './schema.ts'
import { ORDER_COLUMNS, orderRows } from './table-rules.ts'
import { orderView } from './view-rules.ts'
import type { OrderView } from './view-schema.ts'

/** An order may have 500 lines. */
const PAGE = 20

/** All orders as staff see them, oldest first. */
export function createOrderExporting({
  storage,
}: {
  storage: Pick<Storage, 'collection'>
}): ExportKind<OrderView, OrderExportQuery> {
  const orders = storage.collection(ORDERS)
  return {
    query: Query,
    columns: ORDER_COLUMNS,
    tableOf: orderRows,
    async *pages(filter) {
      const query = { ...queryOf(filter), order: 'asc', limit: PAGE } as const
      for await (const page of pagesOf(orders, query))
        yield page.map((order) => orderView(order, { staff: true }))
    },
  }
}
