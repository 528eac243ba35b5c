import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isCommonPassword } from './common-password-rules.ts'

test('API2-06 passwords that guessing programs try early are known, the name of the product too', () => {
  const common = `password123 Password2024! p@ssw0rd123 qwertyuiop 1234567890 0987654321 1q2w3e4r5t 1qaz2wsx3edc qwerty12345
    iloveyou123 welcome2024 adminadmin administrator letmein1234 aaaaaaaaaa abcabcabcabc 1111111111 asdfghjkl123 sunshine2023
    football123 princess123 tradewind1 Tradewind-Shop1 qwertyqwerty changeme123 superman123 starwars2024 abcdefghij passwordpassword`
  for (const password of common.split(/\s+/)) assert.equal(isCommonPassword(password), true, password)
})

test('API2-07 what nobody would try first is let through, without rules of composition', () => {
  const rare = [
    'vkqhzmxwtrpfjdnlgbcyosaeuivkqh',
    'correct horse battery staple',
    'my dog eats tulips',
    'x8#Lr2!vQz9p',
    'überraschung am see',
    '雪が降る夜に猫が歩く',
  ]
  for (const password of rare) assert.equal(isCommonPassword(password), false, password)
})

test('judging the longest password that is allowed takes no time worth naming', () => {
  const began = performance.now()
  for (const part of ['passwordlove', 'qwe', 'a1', 'love'])
    isCommonPassword(part.repeat(1_024).slice(0, 1_024))
  assert.ok(performance.now() - began < 500)
})
