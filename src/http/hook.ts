import type { FastifyReply, FastifyRequest } from 'fastify'

/** A hook that does not await. What it throws reaches the error handler: Fastify does not catch it in a callback hook. */
export function hook(work: (request: FastifyRequest, reply: FastifyReply) => void) {
  return (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    try {
      work(request, reply)
    } catch (error) {
      done(error as Error)
      return
    }
    done()
  }
}
