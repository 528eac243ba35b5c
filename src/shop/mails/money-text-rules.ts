/** An amount in minor units as English readers write it, with the code of its currency: `USD 1,234.50`. */
export function moneyText({ amount, currency }: { amount: number; currency: string }): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'code' })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  const units = String(amount).padStart(digits + 1, '0')
  const whole = units.slice(0, units.length - digits)
  // As text, because a large amount divided as a number would lose its last digits.
  const decimal = digits === 0 ? whole : `${whole}.${units.slice(-digits)}`
  return format.format(decimal as `${number}`).replaceAll('\u00a0', ' ')
}
