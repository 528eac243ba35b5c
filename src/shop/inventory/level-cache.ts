import { boundedCache } from '../../kernel/bounded-cache.ts'
import type { StockKey, StockLevel, StockOperations, StockVerdict } from '../../storage/stock.ts'
import { stockKey } from './rules.ts'

/** About 30 MB when full. */
const MAX_LEVELS = 100_000

interface Needs {
  stock: Pick<StockOperations, 'getMany'>
}

export interface LevelCache {
  /** By `prd_…/SKU`; what is missing is left out. */
  levels(keys: readonly StockKey[]): Promise<Map<string, StockLevel>>
  /** Takes over what acknowledged changes made of levels that are kept; what nobody has asked for takes no room. */
  learn(verdicts: readonly StockVerdict[]): void
  forget(key: StockKey): void
}

/** With several nodes: others change levels too, so each is read when it is asked for. */
export function createLevelReading({ stock }: Needs): LevelCache {
  return {
    levels: async (keys) => byKey(keys.length === 0 ? [] : await stock.getMany(keys)),
    learn() {},
    forget() {},
  }
}

function byKey(levels: readonly StockLevel[]): Map<string, StockLevel> {
  return new Map(levels.map((level) => [stockKey(level), level]))
}

/**
 * With one node: levels as this process last read or changed them, for carts whose every line is priced at each answer.
 * It holds because one process makes all changes.
 */
export function createLevelCache({ stock }: Needs): LevelCache {
  const kept = boundedCache<StockLevel>(MAX_LEVELS)
  /** Readings under way: a change meanwhile is kept in any case, because it may have overtaken one of them. */
  let readings = 0

  /** A reading that a change has overtaken does not replace what the change told. */
  function keep(level: StockLevel): void {
    const key = stockKey(level)
    const known = kept.peek(key)
    if (!known || known.version <= level.version) kept.set(key, level)
  }

  async function read(keys: readonly StockKey[]): Promise<StockLevel[]> {
    readings += 1
    try {
      const levels = await stock.getMany(keys)
      levels.forEach(keep)
      return levels
    } finally {
      readings -= 1
    }
  }

  return {
    async levels(keys) {
      const levels = new Map<string, StockLevel>()
      const unknown: StockKey[] = []
      for (const key of keys) {
        const text = stockKey(key)
        const level = kept.get(text)
        if (level) levels.set(text, level)
        else unknown.push(key)
      }
      if (unknown.length > 0) {
        for (const level of await read(unknown)) levels.set(stockKey(level), level)
      }
      return levels
    },
    learn(verdicts) {
      for (const verdict of verdicts)
        if (verdict.result === 'done' && (readings > 0 || kept.has(stockKey(verdict.level))))
          keep(verdict.level)
    },
    forget(key) {
      kept.delete(stockKey(key))
    },
  }
}
