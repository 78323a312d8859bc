import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  count,
  duration,
  moment,
  percent,
  relative,
  shortDuration,
  type Speech,
} from '../../runner/status/format.ts'
import { chooseLanguage, texts } from '../../runner/status/language.ts'

const nowMs = Date.UTC(2026, 10, 22, 14, 3, 11)
const english: Speech = { language: 'en', text: texts.en, nowMs }
const korean: Speech = { language: 'ko', text: texts.ko, nowMs }

test('durations are said in the two units that matter', () => {
  const said = [12, 420, 9_990, 59_700, 80_000, 3_600_000, 22_200_000, 273_600_000].map((ms) =>
    duration(english, ms),
  )
  assert.deepEqual(said, ['0.01 s', '0.4 s', '10.0 s', '1 min', '1 min 20 s', '1 h', '6 h 10 min', '3 d 4 h'])
})

test('a short duration has one unit', () => {
  assert.deepEqual(
    [400, 80_000, 22_200_000, 273_600_000].map((ms) => shortDuration(english, ms)),
    ['0.4 s', '1 min 20 s', '6 h', '3 d'],
  )
})

test('durations are said in Korean units', () => {
  assert.equal(duration(korean, 22_200_000), '6시간 10분')
})

test('a count at its limit says that it is more', () => {
  assert.equal(count(english, 1_240), '1,240')
  assert.equal(count(english, 100_000, 100_000), 'more than 100,000')
})

test('a share that is not whole is never said to be', () => {
  assert.equal(percent(english, 0.9996), '99.9%')
  assert.equal(percent(english, 0.961), '96%')
})

test('an absolute time is UTC and carries its instant for the script', () => {
  const element = moment(english, nowMs).toString()
  assert.match(element, /datetime="2026-11-22T14:03:11\.000Z"/)
  assert.match(element, />22 Nov, 14:03</)
})

test('another year is said', () => {
  assert.match(moment(english, Date.UTC(2025, 0, 2)).toString(), /2025/)
})

test('relative times look both ways', () => {
  assert.match(relative(english, nowMs - 4 * 60_000).toString(), />4 min ago</)
  assert.match(relative(korean, nowMs + 6 * 3_600_000).toString(), />6시간 후</)
})

test('the language in the address wins over the browser', () => {
  assert.equal(chooseLanguage('ko', 'en-GB,en;q=0.9'), 'ko')
})

test('the browser chooses by weight, whatever the order', () => {
  assert.equal(chooseLanguage(undefined, 'en;q=0.3, ko-KR;q=0.9, fr'), 'ko')
  assert.equal(chooseLanguage(undefined, 'ko;q=0, de'), 'en')
  assert.equal(chooseLanguage('xx', undefined), 'en')
})
