import { randomBytes } from 'node:crypto'
import type { Clock } from '../../kernel/clock.ts'
import type { Outcome, PaymentObject, PaymentProvider, ProviderPages } from '../provider.ts'
import { type Operation, type OperationKind, openLedger } from './ledger.ts'
import { effectOf } from './token-rules.ts'
import { acted, authorised, cancelled, captured, refunded, type Verdict } from './transition-rules.ts'

export interface TestProviderOptions {
  /** Of its ledger. */
  path: string
  clock: Clock
  /** Where the browser finds what it has to do; `{action}` stands for its name. */
  action_url: string
}

export interface TestProvider extends PaymentProvider {
  pages: ProviderPages
}

interface Request {
  key: string
  kind: OperationKind
  object_id: string
  amount?: number
  method?: string
}

/** A provider without any money: deterministic by its tokens, with a ledger that anybody can add up. */
export function createTestProvider({ path, clock, action_url }: TestProviderOptions): TestProvider {
  const ledger = openLedger({ path, clock })

  /** Answers from the ledger what was asked before under this key, and applies the rest. */
  const apply = (request: Request, decide: (object: PaymentObject) => Verdict): Outcome =>
    ledger.atomically(() => {
      const known = ledger.operation(request.key)
      if (known) return answerOf(asBefore(known, request), ledger.object(known.object_id)!)
      const object = ledger.object(request.object_id)
      if (!object) return { outcome: 'refused', code: 'wrong_state' }
      return keep(request, decide(object))
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
    const url = action_url.replace('{action}', action!)
    return { outcome, action: { kind: 'redirect', url }, object }
  }

  const act = (action: string, succeeded: boolean): boolean =>
    ledger.atomically(() => {
      const operation = ledger.operationOfAction(action)
      if (operation?.outcome !== 'needs_action') return false
      const verdict = acted(ledger.object(operation.object_id)!, succeeded)
      const { outcome, object } = verdict
      ledger.changeObject(object)
      ledger.settleOperation(operation.key, outcome, verdict.outcome === 'refused' ? verdict.code : null)
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
      const outcome = apply({ ...on, kind: 'authorise', method }, (object) => authorised(object, effect))
      const lost = first && effect.effect === 'authorise' && !effect.told
      return lost ? { outcome: 'unknown', reason: 'the test provider does not answer' } : outcome
    },
    capture: async ({ amount, ...on }) =>
      apply({ ...on, kind: 'capture', amount }, (object) => captured(object, amount)),
    cancel: async (on) => apply({ ...on, kind: 'cancel' }, cancelled),
    refund: async ({ amount, ...on }) =>
      apply({ ...on, kind: 'refund', amount }, (object) => refunded(object, amount)),
    find: async (object_id) => ledger.object(object_id),
    list: async (since, after, limit) => ledger.objectsSince(since, after, limit),
    hear: () => ({ refused: 'unsigned' }),
    pages: { act },
    async close() {
      ledger.close()
    },
  }
}

/** Throws for a key that comes with something else: a mistake of the shop, which no answer may hide. */
function asBefore(known: Operation, { kind, object_id, amount = 0, method = '' }: Request): Operation {
  const same =
    known.kind === kind && known.object_id === object_id && known.amount === amount && known.method === method
  if (same) return known
  throw new Error(`the key ${known.key} was used for another operation`)
}
