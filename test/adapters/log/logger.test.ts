// What a log shows and what it never shows: secrets, payloads, floods.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createLogger, type LogOptions } from '../../../src/adapters/log/logger.ts'

function recorded(options: Partial<LogOptions> = {}) {
  const lines: string[] = []
  let flushed = 0
  const clock = { ms: Date.UTC(2026, 0, 2, 3, 4, 5) }
  const log = createLogger({
    level: 'info',
    format: 'json',
    secrets: [],
    now: () => clock.ms,
    to: { write: (line) => void lines.push(line), flushSync: () => void flushed++ },
    ...options,
  })
  const parsed = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { log, lines, parsed, clock, flushes: () => flushed }
}

test('a line has time, level, message and facts, and lower levels are left out', () => {
  const { log, parsed } = recorded()
  log.debug('not shown')
  log.info('ready', { users: 3 })
  log.child({ stream: 'a/0' }).warn('slow')
  assert.deepEqual(parsed(), [
    { level: 'info', time: '2026-01-02T03:04:05.000Z', users: 3, msg: 'ready' },
    { level: 'warn', time: '2026-01-02T03:04:05.000Z', stream: 'a/0', msg: 'slow' },
  ])
})

test('secrets are redacted by value, by name and in URLs, escaped or not', () => {
  const secrets = ['hunter22', 'with"quote', 'per%cent sign']
  const { log, lines } = recorded({ secrets })
  log.error('refused redis://worker:sw0rdfish@db:6379', {
    error: new Error(`AUTH hunter22 failed: ${secrets[1]}`),
    query: encodeURIComponent(secrets[2] ?? ''),
    nested: { saslPassword: 'planted-by-name', authorization: 'Bearer planted-too' },
    list: ['ok', secrets[1]],
  })
  const text = lines.join('')
  for (const leak of ['hunter22', 'sw0rdfish', 'planted', 'quote', 'cent']) {
    assert.ok(!text.includes(leak), `${leak} in ${text}`)
  }
  assert.match(text, /"list":\["ok","\[redacted\]"\]/)
})

test('any planted secret stays out of any line, at any place of the facts', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 8 }), fc.jsonValue({ maxDepth: 3 }), (secret, rest) => {
      fc.pre(!/^[\s\w{}[\]:,".-]{8}$/.test(secret) || /\d/.test(secret))
      const { log, lines } = recorded({ secrets: [secret], level: 'debug' })
      log.info(`said ${secret}`, { [secret]: 1, deep: { value: [secret], rest }, plain: secret })
      const shown = Object.values(JSON.parse(lines[0] ?? '{}') as object)
      assert.ok(!shown.some((value) => value === secret))
      assert.ok(!lines.join('').includes(`said ${JSON.stringify(secret).slice(1, -1)}`))
    }),
    { numRuns: 200, seed: 7 },
  )
})

test('payloads and what libraries hang on errors are not shown', () => {
  const { log, lines, parsed } = recorded()
  const error = Object.assign(new Error('connection lost'), {
    code: 'ECONNRESET',
    command: { args: ['user-77', 'item-5'] },
    lastCommand: 'ZADD user-77',
  })
  log.warn('retrying', { error, value: Buffer.from('item-5'), text: 'x'.repeat(10_000) })
  assert.ok(!lines.join('').includes('user-77') && !lines.join('').includes('item-5'))
  assert.equal(parsed()[0]?.value, '[6 bytes]')
  assert.ok(lines.join('').length < 3_000)
  const shown = parsed()[0]?.error as Record<string, unknown>
  assert.equal(shown.code, 'ECONNRESET')
  assert.ok((shown.at as string[]).length > 0)
})

test('a repeated line comes at once, then after a second, and says how many were held back', () => {
  const { log, parsed, clock } = recorded()
  for (let k = 0; k < 1_000; k++) log.repeated('not_json', 'dead letter', { offset: k })
  log.repeated('bad_id', 'dead letter', { offset: 7 })
  clock.ms += 1_000
  log.repeated('not_json', 'dead letter', { offset: 1_000 })
  log.repeated('not_json', 'dead letter', { offset: 1_001 })
  log.flush()
  const shown = parsed().map(({ reason, offset, suppressed }) => [reason, offset, suppressed])
  assert.deepEqual(shown, [
    ['not_json', 0, undefined],
    ['bad_id', 7, undefined],
    ['not_json', 1_000, 999],
    ['not_json', undefined, 1],
  ])
})

test('what keeps coming comes less and less often, up to once a minute, until it was away for a minute', () => {
  const { log, parsed, clock } = recorded()
  for (let second = 0; second < 300; second++) {
    log.repeated('topic_missing', 'waiting', { second })
    clock.ms += 1_000
  }
  const shown = parsed().map(({ second }) => second)
  assert.deepEqual(shown, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243])
  clock.ms += 60_000
  log.repeated('topic_missing', 'waiting', { second: 'again' })
  clock.ms += 1_000
  log.repeated('topic_missing', 'waiting', { second: 'and again' })
  const after = parsed().slice(shown.length)
  assert.deepEqual(
    after.map(({ second }) => second),
    ['again', 'and again'],
  )
})

test('reasons that nobody bounded share one line', () => {
  const { log, lines } = recorded()
  for (let k = 0; k < 5_000; k++) log.repeated(`reason ${k}`, 'strange')
  assert.ok(lines.length <= 101, `${lines.length} lines`)
})

test('a fatal line is flushed before the call returns', () => {
  const { log, flushes } = recorded()
  log.error('bad')
  assert.equal(flushes(), 0)
  log.fatal('worse')
  assert.equal(flushes(), 1)
})

test('a terminal gets one short line of text, which takes the place of a bar of progress', () => {
  const { log, lines } = recorded({ format: 'text', secrets: ['hunter22'] })
  log.warn('two\nlines', { stream: 'a', seen: { n: 1 }, auth: 'hunter22' })
  assert.deepEqual(lines, [
    '\r\u001b[K03:04:05.000 warn  two lines  stream=a  seen={"n":1}  auth=[redacted]\n',
  ])
})

test('a field is hidden for what it is called only where that means a secret', () => {
  const { log, parsed } = recorded()
  log.info('pretraining', { pass: 3, bypass: true, password: 'a', dbPasswd: 'b', pwd: 'c' })
  const [line] = parsed()
  assert.deepEqual([line?.pass, line?.bypass], [3, true])
  for (const name of ['password', 'dbPasswd', 'pwd']) assert.equal(line?.[name], '[redacted]', name)
})
