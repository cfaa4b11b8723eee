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
  assert.throws(() => read('good'), /--rating-min/)
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

test('an action has a weight and may leave its item in lists, in any order of the two', () => {
  const told =
    'purchase=add, cart=add:0.5,view=add:listable:.2,play=ADD:1:Listable,"a=b"=add:0.001,*=skip'
  const { named, others, plain } = parseMapping({ ...mappingDefaults, actions: told }).actions
  const kinds = [...named].map(([name, { effect, kind }]) => [
    ...[name, effect, kind?.weight, kind?.listable, kind?.measured],
  ])
  assert.deepEqual(kinds, [
    ['purchase', 'ADD', 1, false, true],
    ['cart', 'ADD', 0.5, false, true],
    ['view', 'ADD', 0.2, true, true],
    ['play', 'ADD', 1, true, true],
    ['a=b', 'ADD', 0.001, false, true],
  ])
  assert.deepEqual(others, { effect: 'SKIP' })
  assert.deepEqual(plain.ADD.kind, { name: 'ADD', weight: 1, listable: false, measured: true })
  assert.equal(parseMapping(mappingDefaults).actions.plain.ADD.kind, undefined)
})

for (const [actions, why] of [
  ['view=add:0', 'the weight 0, expected one in (0, 1]'],
  ['view=add:1.5', 'the weight 1.5, expected one in (0, 1]'],
  ['view=add:-0.2', 'the weight -0.2, expected one in (0, 1]'],
  ['view=add:0.0001', 'at most three decimals'],
  ['view=add:0.1234', 'at most three decimals'],
  ['view=add:0.2:0.3', 'two weights'],
  ['view=add:listable:listable', 'says listable twice'],
  ['view=add:0.2:lisatble', '«lisatble»'],
  ['view=add:', '«»'],
  ['view=add:0,2', '«2» is not understood'],
  ['view=add:1e-1', '«1e-1»'],
  ['view=add:NaN', '«NaN»'],
  ['refund=remove:0.5', 'which only add takes'],
  ['view=skip:listable', 'which only add takes'],
] as const) {
  test(`actions '${actions}' are refused: ${why}`, () => {
    assert.throws(
      () => parseMapping({ ...mappingDefaults, actions }),
      (error: Error) => error.message.includes(why),
    )
  })
}

test('what is measured is told by the names of actions that add', () => {
  const actions = 'purchase=add,view=add:0.2:listable,refund=remove,*=add:0.1'
  const read = (measureActions: string) => {
    const { named, others, plain } = parseMapping({
      ...mappingDefaults,
      ...{ actions, measureActions },
    }).actions
    const rules = [...named.values(), others, plain.ADD]
    return rules.flatMap((rule) =>
      rule?.kind?.measured && rule.effect === 'ADD' ? [rule.kind.name] : [],
    )
  }
  assert.deepEqual(read(''), ['purchase', 'view', '*', 'ADD'])
  assert.deepEqual(read('purchase'), ['purchase'])
  assert.deepEqual(read(' purchase , * '), ['purchase', '*'])
  for (const [wrong, shown] of [
    ['purchas', '«purchas»'],
    ['refund', '«refund»'],
    ['purchase,nothing', '«nothing»'],
  ] as const) {
    assert.throws(() => read(wrong), new RegExp(`--measure-actions: ${shown}.*«purchase», «view»`))
  }
  const alone = { ...mappingDefaults, measureActions: 'purchase' }
  assert.throws(() => parseMapping(alone), /expected some of «ADD»/)
  assert.equal(parseMapping({ ...alone, measureActions: 'ADD' }).actions.plain.ADD.kind, undefined)
})
