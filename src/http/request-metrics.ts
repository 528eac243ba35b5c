import { createHistogram, type Metric } from './histogram.ts'

/** Upper bounds of the histogram's buckets in seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

export interface RequestMetrics {
  observe(request: { method: string; route: string; status: number; seconds: number }): void
  metric: Metric
}

/** A histogram of answers by route. */
export function createRequestMetrics(): RequestMetrics {
  const { observe, metric } = createHistogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer',
    bounds: BOUNDS,
  })
  return {
    observe: ({ method, route, status, seconds }) =>
      observe({ method, status: String(status), route }, seconds),
    metric,
  }
}
