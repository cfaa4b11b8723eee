// Text files of every published shape: each is read exactly, or refused with what was found and the flag to paste.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, describe as told } from '../../../src/consume/mapping/detect/reading.ts'
import { Failure } from '../../../src/errors.ts'
import { accepted, lines, read, refused, t0 } from './file-shapes.ts'

test('text files whose columns are clear are read', () => {
  for (const [what, text, columns, unit, first] of accepted) {
    const reading = read(text)
    assert.equal(reading.refusal, undefined, `${what}: ${reading.refusal?.message}`)
    assert.deepEqual(reading.columns, columns, what)
    assert.equal(reading.unit, unit, what)
    const { user, item, timestamp, action } = reading.samples[0]!
    assert.equal(`${user} ${item} ${timestamp} ${action}`, first, what)
    refuse(reading, what)
    assert.ok(told(reading)[0]!.includes(`user=${columns.user}`), what)
  }
})

test('text files whose columns are not clear are refused with the flag to paste', () => {
  for (const [what, text, says, flag] of refused) {
    const reading = read(text)
    assert.match(reading.refusal?.message ?? 'not refused', says, what)
    assert.equal(reading.refusal?.flag, flag, what)
    assert.throws(
      () => refuse(reading, 'a.csv'),
      (error) => error instanceof Failure && error.exitCode === 65 && error.message.includes(flag),
      what,
    )
  }
})

test('the flag that a refusal gives is taken, and reads the file', () => {
  for (const [what, text, , flag] of refused) {
    if (flag.includes('…')) continue
    const columns = /'(.*)'/.exec(flag)![1]!
    const reading = read(text, { columns })
    assert.equal(reading.refusal, undefined, `${what}: ${reading.refusal?.message}`)
    assert.equal(reading.counts.usable, 12, what)
  }
})

test('a told column that is not there, or is no time, is refused', () => {
  const text = lines('u{n},i{n},{r},1433221651', 'user,item,stars,when')
  assert.match(
    read(text, { columns: 'timestamp=wenn' }).refusal!.message,
    /no column is called wenn/,
  )
  assert.match(
    read(text, { columns: 'timestamp=stars' }).refusal!.message,
    /column stars holds no times/,
  )
  assert.equal(read(text, { columns: 'timestamp=when' }).refusal, undefined)
  assert.match(
    read(lines('u{n},i{n}'), { columns: 'user=1,item=7,timestamp=@line' }).refusal!.message,
    /7 among 2/,
  )
})

test('half in seconds and half in milliseconds: read row by row, and said', () => {
  const text = `${lines('u{n},i{n},1433221651', 'user,item,timestamp')}\n${lines('u{n},i{n},1433221651000')}`
  const reading = read(text)
  assert.equal(reading.unit, 'mixed')
  assert.ok(reading.warnings.some((warning) => warning.includes('--time-unit')))
  assert.deepEqual(new Set(reading.samples.map(({ timestamp }) => timestamp)), new Set([t0]))
})

test('actions that nothing maps come with the flag that would map them', () => {
  const views = lines('u{n},i{n},1433221651,view', 'user,item,time,event')
  const text = `${views}\n${lines('u{n},i{n},1433221651,transaction')}`
  const reading = read(text)
  assert.equal(reading.counts.usable, 0)
  const warning = reading.warnings.find((one) => one.includes('--actions'))
  assert.match(warning ?? '', /12 "view", 12 "transaction".*'view=skip,transaction=add,\*=skip'/)
  const mapped = read(text, { actions: 'view=skip,transaction=add,*=skip' })
  assert.deepEqual(mapped.counts, {
    read: 24,
    usable: 12,
    dead: {},
    skipped: { skipped_action: 12 },
  })
})

test('ratings that all count are told, and a floor leaves the low ones out', () => {
  const text = lines('u{n},i{n},{r},1433221651', 'user,item,rating,time')
  assert.ok(read(text).warnings.some((one) => one.includes('--rating-min 4')))
  const reading = read(text, { ratingMin: 4 })
  assert.deepEqual(reading.counts.skipped, { low_rating: 8 })
  assert.equal(reading.counts.usable, 4)
})
