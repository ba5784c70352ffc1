import fc from 'fast-check'
import t from 'tap'
import { FORMATS } from '../../src/config/formats.ts'
import { editDistance, nearest } from '../../src/config/nearest.ts'
import { isSchedule } from '../../src/config/schedule.ts'
import { parseDuration, parseInteger, parsePercentage, parseSize } from '../../src/config/units.ts'
import type { Parsed } from '../../src/config/units.ts'

const ACCEPTED: readonly [(text: string) => Parsed<number>, string, number][] = [
  [parseDuration, '0', 0],
  [parseDuration, '0s', 0],
  [parseDuration, '250ms', 250],
  [parseDuration, '10s', 10_000],
  [parseDuration, '3m', 180_000],
  [parseDuration, '1h', 3_600_000],
  [parseDuration, '90d', 7_776_000_000],
  [parseSize, '0', 0],
  [parseSize, '7B', 7],
  [parseSize, '8kB', 8192],
  [parseSize, '16MB', 16_777_216],
  [parseSize, '2GB', 2_147_483_648],
  [parseSize, '2GiB', 2_147_483_648],
  [parseSize, '32TB', 35_184_372_088_832],
  [parsePercentage, '80%', 0.8],
  [parsePercentage, '99.5%', 0.995],
  [parsePercentage, '100%', 1],
  [parseInteger, '0', 0],
  [parseInteger, '-3', -3],
  [parseInteger, '5432', 5432],
]

const REFUSED: readonly [(text: string) => Parsed<number>, readonly string[]][] = [
  [parseDuration, ['', '10', '10x', '10 s', ' 10s', '10s ', '1.5h', '-1s', '+1s', '10S', '10min', '1h30m', 's', '1e3s', '0x1s', '９s', '10s\n']],
  [parseDuration, ['99999999999999999999d', '10constructor']],
  [parseSize, ['', '10', '2gb', '2G', '2g', '2kb', '2KB', '1.5GB', '-1B', '2 GB', '9999999999TB', '2PB', '2toString']],
  [parsePercentage, ['', '80', '0.8', '101%', '100.01%', '80 %', '-1%', '80%%', '.5%', '80.123%']],
  [parseInteger, ['', '1.0', '1e3', '0x10', '007', '+1', '1_000', ' 1', '9007199254740993', 'NaN', 'Infinity', '-0']],
]

t.test('units are read as they are written', async (t) => {
  for (const [parse, text, value] of ACCEPTED) t.same(parse(text), { ok: true, value }, `${parse.name} ${text}`)
})

t.test('what is not exactly a value is refused, with what was expected', async (t) => {
  for (const [parse, texts] of REFUSED) {
    for (const text of texts) t.match(parse(text), { ok: false, expected: /such as/ }, `${parse.name} ${JSON.stringify(text)}`)
  }
})

t.test('no text makes a parser throw, and every value is a safe number', async () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9]{1,20}[a-zA-Z%]{0,3}$/)), (text) => {
      const results = [parseDuration, parseSize, parsePercentage, parseInteger].map((parse) => parse(text))
      return results.every((result) => !result.ok || (Number.isFinite(result.value) && Math.abs(result.value) <= Number.MAX_SAFE_INTEGER))
    }),
  )
})

t.test('a schedule has five fields within their ranges', async (t) => {
  for (const text of ['* * * * *', '0 6 * * 1', '*/15 8-18/2 1,15 jan-mar MON-fri', '59 23 31 12 7']) t.ok(isSchedule(text), text)
  const minutes = ['60', '5-1', '*/0', '5/2', '1-2-3', 'a', '', ',', '1-x', '*/2/2', '-1', '1.5']
  const others = ['', '0 6 * *', '0 6 * * * *', '* 24 * * *', '* * 0 * *', '* * * 13 *', '* * * * 8', '*  * * * *', '* * * mon *']
  for (const text of [...minutes.map((minute) => `${minute} * * * *`), ...others]) t.notOk(isSchedule(text), text)
})

t.test('formats refuse what would be misunderstood later', async (t) => {
  const cases: readonly [keyof typeof FORMATS, readonly string[], readonly string[]][] = [
    ['cluster name', ['15-main', 'a', 'A.b_c'], ['', '.', '..', '../x', '-a', 'a b', 'a/b', 'ä', 'a\n', 'a'.repeat(65)]],
    ['service unit', ['postgresql@15-main.service', 'postgresql-15.service'], ['', 'postgresql', 'x.socket', 'a b.service', '../x.service']],
    ['mail address', ['root@localhost', 'DBA Team <dba@example.org>'], ['', 'root', 'a@b\n', 'a@b, c@d', 'a b@c', 'x <a@b', 'a@b>']],
    ['mail address', [], ['@', 'a@', '<a@b', 'a@b\r\nBcc: x@y']],
    ['identifier', ['app', 'App User', 'ü'], ['', 'a'.repeat(64), 'ü'.repeat(32), 'a\0']],
    ['host', ['localhost', '::1', '10.0.0.1'], ['', 'a b', 'a/b', 'a\n']],
    ['credential name', ['smtp-password'], ['', '.', '..', 'a/b']],
    ['environment variable', ['SMTP_PASSWORD'], ['', '1A', 'A=B', 'A-B']],
    ['words', ['', 'any thing'], ['a\nb', 'x'.repeat(1025)]],
  ]
  for (const [format, good, bad] of cases) {
    for (const text of good) t.ok(FORMATS[format].accepts(text), `${format}: ${text}`)
    for (const text of bad) t.notOk(FORMATS[format].accepts(text), `${format}: ${JSON.stringify(text)}`)
  }
})

t.test('the nearest key is found across slips and other spellings, and not beyond', async (t) => {
  const keys = ['interval', 'confirm_interval', 'failures', 'operator_stop']
  t.equal(nearest('intervall', keys), 'interval')
  t.equal(nearest('inetrval', keys), 'interval')
  t.equal(nearest('confirmInterval', keys), 'confirm_interval')
  t.equal(nearest('confirm-interval', keys), 'confirm_interval')
  t.equal(nearest('failure', keys), 'failures')
  t.equal(nearest('banana', keys), undefined)
  t.equal(nearest('x'.repeat(100_000), keys), undefined)
  t.equal(editDistance('abcd', 'acbd'), 1)
  t.equal(editDistance('', 'abc'), 3)
  t.equal(editDistance('kitten', 'sitting'), 3)
})
