/** Passwords that many people choose are one of these with digits, signs or a year around it, or a walk over the keys. */
export const WORDS = new Set(
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
export const WALKS = [
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

/** Digits and signs that stand for letters. */
export const LOOKALIKES: Record<string, string> = {
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
