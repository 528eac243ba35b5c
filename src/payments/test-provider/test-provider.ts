import { randomBytes } from 'node:crypto'
import type { Clock } from '../../kernel/clock.ts'
import type { Outcome, PaymentObject, PaymentProvider, ProviderInside } from '../provider.ts'
import { type Faults, NO_FAULTS } from './faults.ts'
import { createHearing } from './hearing.ts'
import { type Operation, type OperationKind, openLedger } from './ledger.ts'
import { openLedgerFile } from './ledger-file.ts'
import { createNotices } from './notices.ts'
import { effectOf } from './token-rules.ts'
import {
  acted,
  authorised,
  cancelled,
  captured,
  refunded,
  refundFailed,
  type Verdict,
} from './transition-rules.ts'

export interface TestProviderOptions {
  /** Of its ledger. */
  path: string
  clock: Clock
  /** Where the browser finds what it has to do. */
  urlOf(action: string): string
  /** Signs what it tells by itself. */
  secret: string
  /** What it tells: by default what no call of the shop was answered with. */
  tells?: 'everything' | 'the unanswered'
  faults?: Faults
}

export interface TestProvider extends PaymentProvider {
  inside: ProviderInside
  /** What a bank may do days later: a refund that was accepted fails. False when there is none under this key. */
  failRefund(key: string): boolean
}

interface Request {
  key: string
  kind: OperationKind
  object_id: string
  amount?: number
  method?: string
}

/** A provider without any money: deterministic by its tokens, with a ledger that anybody can add up. */
export function createTestProvider(options: TestProviderOptions): TestProvider {
  const { path, clock, urlOf, secret, tells: of = 'the unanswered', faults = NO_FAULTS } = options
  const db = openLedgerFile(path)
  const ledger = openLedger({ db, clock })
  const notices = createNotices({ db, clock, secret, of, faults })

  /** Answers from the ledger what was asked before under this key, and applies the rest. */
  const apply = (
    request: Request,
    decide: (object: PaymentObject) => Verdict,
    telling: { answered?: boolean; copies?: number } = {},
  ): Outcome =>
    ledger.atomically(() => {
      const known = ledger.operation(request.key)
      if (known) return answerOf(asBefore(known, request), ledger.object(known.object_id)!)
      const object = ledger.object(request.object_id)
      if (!object) return { outcome: 'refused', code: 'wrong_state' }
      const verdict = decide(object)
      notices.tell({
        type: typeOf(request.kind, verdict),
        object: verdict.object,
        answered: true,
        ...telling,
      })
      return keep(request, verdict)
    })

  const keep = (request: Request, verdict: Verdict): Outcome => {
    const { outcome, object } = verdict
    const operation = {
      ...{ amount: 0, method: '', ...request, object_id: object.id, outcome },
      code: verdict.outcome === 'refused' ? verdict.code : null,
      action: outcome === 'needs_action' ? randomBytes(16).toString('hex') : null,
    }
    ledger.changeObject(object)
    ledger.insertOperation(operation)
    return answerOf(operation, object)
  }

  const answerOf = (operation: Omit<Operation, 'at'>, object: PaymentObject): Outcome => {
    const { outcome, code, action } = operation
    if (outcome === 'refused') return { outcome, code: code!, object }
    const held = object.state === 'authorised' || object.state === 'captured'
    if (outcome === 'done' || held) return { outcome: 'done', object }
    return { outcome, action: { kind: 'redirect', url: urlOf(action!) }, object }
  }

  const act = (action: string, succeeded: boolean): boolean =>
    ledger.atomically(() => {
      const operation = ledger.operationOfAction(action)
      if (operation?.outcome !== 'needs_action') return false
      const verdict = acted(ledger.object(operation.object_id)!, succeeded)
      const { outcome, object } = verdict
      ledger.changeObject(object)
      ledger.settleOperation(operation.key, outcome, verdict.outcome === 'refused' ? verdict.code : null)
      notices.tell({ type: typeOf('authorise', verdict), object, answered: false })
      return true
    })

  return {
    name: 'test',
    async create({ key, order_id, amount, currency }) {
      return ledger.atomically(() => {
        const known = ledger.operation(key)
        const request: Request = { key, kind: 'create', object_id: known?.object_id ?? '', amount }
        if (known) return answerOf(asBefore(known, request), ledger.object(known.object_id)!)
        return keep(request, { outcome: 'done', object: ledger.insertObject({ order_id, amount, currency }) })
      })
    },
    async authorise({ method, ...on }) {
      const effect = effectOf(method)
      const first = ledger.operation(on.key) === undefined
      const told = effect.effect !== 'authorise' || effect.told
      const copies = effect.effect === 'authorise' ? effect.copies : 1
      const request: Request = { ...on, kind: 'authorise', method }
      const outcome = apply(request, (object) => authorised(object, effect), { answered: told, copies })
      if (!first || told) return outcome
      return { outcome: 'unknown', reason: 'the test provider does not answer' }
    },
    capture: async ({ amount, ...on }) =>
      apply({ ...on, kind: 'capture', amount }, (object) => captured(object, amount)),
    cancel: async (on) => apply({ ...on, kind: 'cancel' }, cancelled),
    refund: async ({ amount, ...on }) =>
      apply({ ...on, kind: 'refund', amount }, (object) => refunded(object, amount)),
    find: async (object_id) => ledger.object(object_id),
    list: async (since, after, limit) => ledger.objectsSince(since, after, limit),
    hear: createHearing({ secret, clock }),
    inside: { act, deliverTo: notices.deliverTo },
    failRefund(key) {
      return ledger.atomically(() => {
        const operation = ledger.operation(key)
        if (operation?.kind !== 'refund' || operation.outcome !== 'done') return false
        const object = refundFailed(ledger.object(operation.object_id)!, operation.amount)
        ledger.changeObject(object)
        ledger.settleOperation(key, 'refused', 'declined')
        notices.tell({ type: 'refund.failed', object, answered: false, failed_refund: key })
        return true
      })
    },
    async close() {
      await notices.stop()
      db.close()
    },
  }
}

function typeOf(kind: OperationKind, { outcome }: Verdict): string {
  return `${kind}.${outcome}`
}

/** Throws for a key that comes with something else: a mistake of the shop, which no answer may hide. */
function asBefore(known: Operation, { kind, object_id, amount = 0, method = '' }: Request): Operation {
  const same =
    known.kind === kind && known.object_id === object_id && known.amount === amount && known.method === method
  if (same) return known
  throw new Error(`the key ${known.key} was used for another operation`)
}
