import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../kernel/clock.ts'
import { newSuffix } from '../../kernel/ids.ts'
import type { PaymentObject, RefusalCode } from '../provider.ts'

export type OperationKind = 'create' | 'authorise' | 'capture' | 'cancel' | 'refund'

export interface Operation {
  key: string
  kind: OperationKind
  object_id: string
  amount: number
  method: string
  outcome: 'done' | 'refused' | 'needs_action'
  code: RefusalCode | null
  /** Names what the browser has to do, until it was done. */
  action: string | null
  at: number
}

export type Ledger = ReturnType<typeof openLedger>

/** The rows of the test provider and the transactions around them; it decides nothing. */
export function openLedger({ db, clock }: { db: DatabaseSync; clock: Clock }) {
  const statements = prepare(db)
  const object = (id: string): PaymentObject | undefined => {
    const row = statements.object.get(id)
    return row && ({ ...row } as unknown as PaymentObject)
  }

  return {
    /** Runs `work` as one transaction. */
    atomically<Result>(work: () => Result): Result {
      db.exec('BEGIN IMMEDIATE')
      try {
        const result = work()
        db.exec('COMMIT')
        return result
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK')
        throw error
      }
    },
    object,
    insertObject(wanted: Pick<PaymentObject, 'order_id' | 'amount' | 'currency'>): PaymentObject {
      const { order_id, amount, currency } = wanted
      const now = clock.now()
      const id = `tpo_${newSuffix(now)}`
      statements.insertObject.run(id, order_id, amount, currency, now)
      return object(id)!
    },
    changeObject({ id, state, captured, refunded }: PaymentObject): void {
      statements.changeObject.run(state, captured, refunded, id)
    },
    objectsSince: (since: number, after: PaymentObject | null, limit: number) =>
      statements.objectsSince
        .all(Math.max(since, after?.created_at ?? since), after?.created_at ?? -1, after?.id ?? '', limit)
        .map((row) => ({ ...row }) as unknown as PaymentObject),
    operation: (key: string) => statements.operation.get(key) as Operation | undefined,
    operationOfAction: (action: string) => statements.operationOfAction.get(action) as Operation | undefined,
    insertOperation(operation: Omit<Operation, 'at'>): void {
      const { key, kind, object_id, amount, method, outcome, code, action } = operation
      statements.insertOperation.run(key, kind, object_id, amount, method, outcome, code, action, clock.now())
    },
    settleOperation(key: string, outcome: Operation['outcome'], code: RefusalCode | null): void {
      statements.settleOperation.run(outcome, code, key)
    },
  }
}

const OBJECT = 'id, order_id, amount, currency, state, captured, refunded, created_at'
const OPERATION = 'key, kind, object_id, amount, method, outcome, code, action, at'

function prepare(db: DatabaseSync) {
  return {
    object: db.prepare(`SELECT ${OBJECT} FROM objects WHERE id = ?`),
    insertObject: db.prepare(
      `INSERT INTO objects (id, order_id, amount, currency, state, created_at) VALUES (?, ?, ?, ?, 'new', ?)`,
    ),
    changeObject: db.prepare('UPDATE objects SET state = ?, captured = ?, refunded = ? WHERE id = ?'),
    objectsSince: db.prepare(
      `SELECT ${OBJECT} FROM objects WHERE created_at >= ? AND (created_at, id) > (?, ?) ORDER BY created_at, id LIMIT ?`,
    ),
    operation: db.prepare(`SELECT ${OPERATION} FROM operations WHERE key = ?`),
    operationOfAction: db.prepare(`SELECT ${OPERATION} FROM operations WHERE action = ?`),
    insertOperation: db.prepare(`INSERT INTO operations (${OPERATION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    settleOperation: db.prepare('UPDATE operations SET outcome = ?, code = ? WHERE key = ?'),
  }
}
