/** First match wins: most browsers name others, too. */
const FAMILIES: [string, RegExp][] = [
  ['Edge', /\bEdg(e|A|iOS)?\//],
  ['Opera', /\b(OPR|Opera)\b/],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(Firefox|FxiOS)\//],
  ['Chrome', /\b(Chrome|CriOS|Chromium)\//],
  ['Safari', /\bSafari\//],
]

/** The family of a browser, nothing that tells one person's from another's. */
export function userAgentFamily(userAgent: string | undefined): string {
  if (!userAgent) return 'none'
  return FAMILIES.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? 'other'
}

/** iPadOS calls itself macOS, Android calls itself Linux: the more particular name comes first. */
const PLATFORMS: [string, RegExp][] = [
  ['Android', /\bAndroid\b/],
  ['iOS', /\b(iPhone|iPad|iPod)\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMacintosh\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Linux', /\bLinux\b/],
]

/** A device as its owner knows it again, as `Firefox on Windows`; no more than the families of browser and system. */
export function deviceOf(userAgent: string | undefined): string {
  const family = userAgentFamily(userAgent)
  const platform = PLATFORMS.find(([, pattern]) => pattern.test(userAgent ?? ''))?.[0]
  return platform ? `${family} on ${platform}` : family
}
