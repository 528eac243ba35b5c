const CAMPAIGN = /^(utm_[a-z]+|page|sort|category)$/

/** An IPv4 address without its last octet, an IPv6 address without its last 80 bits; null for anything else. */
export function truncatedIp(ip: string): string | null {
  const v4 = /^(?:::ffff:)?(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/i.exec(ip)
  if (v4) return `${v4[1]}.0`
  if (!ip.includes(':')) return null
  const [head = '', tail] = ip.split('%')[0]!.toLowerCase().split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const behind = tail === '' ? 0 : tail.split(':').length
    while (groups.length < 8 - behind) groups.push('0')
    if (tail !== '') groups.push(...tail.split(':'))
  }
  return groups.length < 3 ? null : `${groups.slice(0, 3).join(':')}::`
}

/** Names and addresses of people travel in queries and fragments: only what names a page or a campaign stays. */
export function withoutPersonalParts(url: string): string {
  if (!/[?#@]/.test(url)) return url
  const [address = '', query = ''] = url.split('#', 1)[0]!.split(/\?(.*)/s, 2)
  const kept = query.split('&').filter((pair) => CAMPAIGN.test(pair.split('=', 1)[0]!))
  return (
    address.replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/]*@/i, '$1//') +
    (kept.length > 0 ? `?${kept.join('&')}` : '')
  )
}
