// The settings of the mapping, as a person writes them: what is understood, and what is refused all at once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../src/config.ts'
import { mappingDefaults, parseMapping } from '../../src/consume/mapping/spec/spec.ts'
import { settings } from '../../src/settings/all.ts'
import { mapping } from '../../src/settings/mapping.ts'

test('the defaults of the mapping are those of the settings', () => {
  const defaults = Object.fromEntries(
    Object.entries(mapping).map(([name, row]) => [name, row.default]),
  )
  assert.deepEqual(mappingDefaults, defaults)
  assert.ok(Object.keys(mapping).every((name) => name in settings))
})

test('a rating is a number or the word for none', () => {
  const read = (ratingMin: unknown): unknown =>
    readConfig({ flags: { ratingMin }, env: {} }).config.ratingMin
  assert.equal(read('4'), 4)
  assert.equal(read('-0.5'), -0.5)
  assert.equal(read('any'), 'any')
  assert.throws(() => read('good'), /ratingMin/)
})

test('all faults of the mapping are told at once', () => {
  const faulty = {
    ...mappingDefaults,
    columns: 'who=u,user=,item=a..b,timestamp=@time,user',
    actions: 'view,buy=maybe,=add',
    timeZone: 'Nowhere/Else',
    timeFormat: '%Q',
  }
  assert.throws(
    () => parseMapping(faulty),
    (error: Error) => {
      for (const part of ['«who=u»', '«user=»', '«item=a..b»', '@header.NAME', '«user» has no =']) {
        assert.ok(error.message.includes(part), `${part} in ${error.message}`)
      }
      for (const part of ['«view»', '«buy=maybe»', '«=add»', 'Nowhere/Else', '%Q']) {
        assert.ok(error.message.includes(part), `${part} in ${error.message}`)
      }
      return true
    },
  )
})
