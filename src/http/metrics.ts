import type { FastifyRequest } from 'fastify'
import { collectDefaultMetrics, Gauge, type Metric as PromMetric, Registry } from 'prom-client'
import { Type } from 'typebox'
import type { App } from './app.ts'
import { NOT_FOUND } from './framework-refusals.ts'
import type { Metric } from './histogram.ts'

/** A figure that a part of the shop shows, read when somebody asks. */
export interface GaugeDefinition {
  name: string
  help: string
  read(): number | Promise<number>
}

export interface MetricsOptions {
  metrics: readonly Metric[]
  gauges: readonly GaugeDefinition[]
  mayRead(request: FastifyRequest): boolean
}

/** `/metrics` in the text format of Prometheus. To others it is as if it were not there. */
export function metricsRoutes(app: App, { metrics, gauges, mayRead }: MetricsOptions): void {
  let registry: Registry | undefined

  const open = () => {
    const made = new Registry()
    collectDefaultMetrics({ register: made })
    for (const metric of metrics) made.registerMetric(metric as unknown as PromMetric)
    for (const { name, help, read } of gauges) {
      new Gauge({
        name,
        help,
        registers: [made],
        async collect() {
          this.set(await read())
        },
      })
    }
    return made
  }

  app.get(
    '/metrics',
    {
      config: { access: 'anyone', bucket: 'none', ownToken: true, produces: 'text/plain' },
      schema: {
        tags: ['operations'],
        summary: 'Figures for Prometheus',
        produces: ['text/plain'],
        response: { 200: Type.String() },
      },
    },
    async (request, reply) => {
      if (!mayRead(request)) throw NOT_FOUND
      registry ??= open()
      return reply.type(registry.contentType).send(await registry.metrics())
    },
  )
}
