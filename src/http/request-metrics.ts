/** Upper bounds of the histogram's buckets in seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

interface Series {
  labels: { method: string; route: string; status: string }
  counts: number[]
  sum: number
  count: number
}

export interface RequestMetrics {
  observe(request: { method: string; route: string; status: number; seconds: number }): void
  /** In the shape that prom-client asks of a metric. */
  metric: { name: string; get(): Promise<object>; reset(): void }
}

/**
 * A histogram of answers by route. prom-client's own builds a text of the labels for each observation, which
 * costs as much as reading a product; here a series is found by one look-up.
 */
export function createRequestMetrics(): RequestMetrics {
  const name = 'http_request_duration_seconds'
  const series = new Map<string, Series>()
  return {
    observe({ method, route, status, seconds }) {
      const key = `${method}${status}${route}`
      let known = series.get(key)
      if (!known) {
        const labels = { method, route, status: String(status) }
        known = { labels, counts: BOUNDS.map(() => 0), sum: 0, count: 0 }
        series.set(key, known)
      }
      const bucket = BOUNDS.findIndex((bound) => seconds <= bound)
      if (bucket !== -1) known.counts[bucket]! += 1
      known.sum += seconds
      known.count += 1
    },
    metric: {
      name,
      async get() {
        const values = [...series.values()].flatMap((one) => valuesOf(name, one))
        return {
          name,
          help: 'Time from the head of a request to the end of its answer',
          type: 'histogram',
          values,
          aggregator: 'sum',
        }
      },
      reset: () => series.clear(),
    },
  }
}

function valuesOf(name: string, { labels, counts, sum, count }: Series) {
  let below = 0
  const buckets = BOUNDS.map((le, index) => {
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
