const SHORTEST = 12
const LONGEST = 19

/** Whether a text is the number of a card: digits as cards have them, with or without dashes, and the right check digit (Luhn). */
export function isCardNumber(text: string): boolean {
  if (!/^[\d-]+$/.test(text)) return false
  const digits = text.replaceAll('-', '')
  if (digits.length < SHORTEST || digits.length > LONGEST) return false
  const sum = [...digits].reverse().reduce((total, digit, place) => total + weighed(Number(digit), place), 0)
  return sum % 10 === 0
}

function weighed(digit: number, place: number): number {
  if (place % 2 === 0) return digit
  return digit < 5 ? digit * 2 : digit * 2 - 9
}
