import { isIPv6 } from 'node:net'
import type { FastifyRequest } from 'fastify'

/**
 * The address a request comes from. Only a trusted proxy's last entry of X-Forwarded-For counts: entries
 * before it are what the client itself said.
 */
export function clientAddress(request: FastifyRequest, trust_proxy: boolean): string {
  const peer = request.raw.socket.remoteAddress ?? ''
  const forwarded = trust_proxy ? request.headers['x-forwarded-for'] : undefined
  if (forwarded === undefined) return withoutMapping(peer)
  const last = String(forwarded).split(',').at(-1)?.trim()
  return withoutMapping(last || peer)
}

/** Who shares a quota: an IPv4 address, or the /64 that one IPv6 household has. */
export function quotaKey(address: string): string {
  if (!isIPv6(address)) return address
  return `${expand(address).slice(0, 4).join(':')}::/64`
}

/** Whether this very machine asks, and not somebody through a proxy on it. */
export function isLoopback(request: FastifyRequest): boolean {
  if (request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined)
    return false
  const peer = withoutMapping(request.raw.socket.remoteAddress ?? '')
  return peer === '::1' || peer.startsWith('127.')
}

function withoutMapping(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

function expand(address: string): string[] {
  const [head = '', tail] = address.split('%')[0]!.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  return [...left, ...Array<string>(zeros).fill('0'), ...right].map((group) =>
    group.toLowerCase().replace(/^0+(?=.)/, ''),
  )
}
