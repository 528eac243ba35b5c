interface Series {
  labels: Record<string, string>
  counts: number[]
  sum: number
  count: number
}

/** A metric in the shape that prom-client asks of one. */
export interface Metric {
  name: string
  get(): Promise<object>
  reset(): void
}

export interface HistogramOptions {
  name: string
  help: string
  /** Upper bounds of the buckets, ascending. */
  bounds: readonly number[]
}

/**
 * A histogram by labels. prom-client's own builds a text of the labels for each observation, which costs as much as
 * reading a product; here a series is found by one look-up.
 */
export function createHistogram({ name, help, bounds }: HistogramOptions) {
  const series = new Map<string, Series>()

  function valuesOf({ labels, counts, sum, count }: Series) {
    let below = 0
    const buckets = bounds.map((le, index) => {
      below += counts[index]!
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: below }
    })
    return [
      ...buckets,
      { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ]
  }

  const metric: Metric = {
    name,
    async get() {
      return {
        name,
        help,
        type: 'histogram',
        values: [...series.values()].flatMap(valuesOf),
        aggregator: 'sum',
      }
    },
    reset: () => series.clear(),
  }

  return {
    metric,
    observe(labels: Record<string, string>, value: number): void {
      let key = ''
      for (const label in labels) key += `${labels[label]} `
      let known = series.get(key)
      if (!known) {
        known = { labels, counts: bounds.map(() => 0), sum: 0, count: 0 }
        series.set(key, known)
      }
      const bucket = bounds.findIndex((bound) => value <= bound)
      if (bucket !== -1) known.counts[bucket]! += 1
      known.sum += value
      known.count += 1
    },
  }
}
