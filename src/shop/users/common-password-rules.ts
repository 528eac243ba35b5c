/** Passwords that many people choose are one of these with digits, signs or a year around it, or a walk over the keys. */
const WORDS = new Set(
  `password passwort passw pass word pwd qwerty qwertz azerty asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm qazwsx qazwsxedc
  letmein welcome admin administrator root login user guest test testing default changeme secret master access hello
  iloveyou loveyou love lovely princess sunshine monkey dragon football baseball basketball soccer hockey superman batman
  spiderman pokemon naruto starwars trustno shadow michael jennifer jessica ashley daniel andrew joshua thomas jordan
  charlie hunter buster killer ginger pepper summer winter spring autumn january february march april june july august
  september october november december monday tuesday wednesday thursday friday saturday sunday computer internet samsung
  google facebook whatever freedom forever family friend friends flower butterfly chocolate cookie banana orange cheese
  liverpool chelsea arsenal barcelona juventus manchester unitedstates america england london paris berlin jesus christ
  blessed heaven angel angels babygirl babyboy sweetheart darling honey beautiful money business company server database
  mustang ferrari porsche mercedes yamaha honda harley matrix phoenix ninja samurai cowboy tigger snoopy garfield mickey
  shop store customer tradewind ecommerce commerce`.split(/\s+/),
)

/** Rows and diagonals of keyboards, the alphabet and digits; walked in either direction. */
const WALKS = [
  '01234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'azertyuiop',
  'yxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  '1q2w3e4r5t6y7u8i9o0p',
  'qazwsxedcrfvtgbyhnujmikolp',
  '147258369',
  '123qweasdzxc',
  '1a2b3c4d5e6f7g8h9i0j',
].flatMap((walk) => [walk, [...walk].reverse().join('')])

const LOOKALIKES: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
}
/** A password that consists of so few pieces of a kind that all are guessed first. */
const MIN_WALK = 3

/** Whether guessing programs would try this password early; the product's own name counts. Pure. */
export function isCommonPassword(password: string): boolean {
  const lower = password.toLowerCase()
  return isRepeated(lower) || isWalks(lower) || isDecoratedWord(lower)
}

/** `aaaaaaaaaa`, `abcabcabcabc`. */
function isRepeated(text: string): boolean {
  return /^(.{1,4}?)\1+.{0,3}$/su.test(text) && new Set(text).size <= 4
}

/** Nothing but walks of three keys and more, as `qwertyuiop123` or `asdf1234asdf`. */
function isWalks(text: string): boolean {
  let at = 0
  while (at < text.length) {
    const length = longestWalk(text.slice(at))
    if (length < MIN_WALK) return false
    at += length
  }
  return true
}

function longestWalk(text: string): number {
  let length = Math.min(text.length, 36)
  while (length >= MIN_WALK && !WALKS.some((walk) => walk.includes(text.slice(0, length)))) length -= 1
  return length
}

/** `Password2024!`, `p@ssw0rd123`, `tradewind-shop1`: one to three common words with digits and signs around them. */
function isDecoratedWord(text: string): boolean {
  const core = text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  const plain = [...core].map((sign) => LOOKALIKES[sign] ?? sign).join('')
  return [core, plain].some((candidate) => {
    const parts = candidate.split(/[^\p{L}]+/u).filter(Boolean)
    return parts.length > 0 && parts.length <= 3 && parts.every((part) => isWords(part, 3))
  })
}

function isWords(text: string, most: number): boolean {
  if (WORDS.has(text)) return true
  if (most === 1) return false
  for (let cut = 3; cut <= text.length - 3; cut++) {
    if (WORDS.has(text.slice(0, cut)) && isWords(text.slice(cut), most - 1)) return true
  }
  return false
}
