// Lists of texts after any number of changes are those that an array would be, whatever comes where.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ChangedTexts } from '../../../src/adapters/disk/changes/changed-texts.ts'
import { tensorsToTexts, textsToTensors } from '../../../src/adapters/disk/text-columns.ts'

const columns = (lists: Record<string, readonly string[]>) =>
  tensorsToTexts(textsToTensors(new Map(Object.entries(lists))))

test('texts that come to places of a list replace those that were there, and lengthen it', () => {
  const text = fc.constantFrom('', 'a', 'bc', 'ü', '\ud800', 'def')
  const piece = fc.record({ at: fc.nat(30), texts: fc.array(text, { minLength: 1, maxLength: 6 }) })
  const change = fc.record({ pieces: fc.array(piece, { maxLength: 5 }), shorter: fc.nat(4) })
  const property = fc.property(
    fc.array(text, { maxLength: 30 }),
    fc.array(change, { maxLength: 6 }),
    (first, changes) => {
      const changed = new ChangedTexts(columns({ a: first, b: ['x'] }))
      let list = first.slice()
      for (const { pieces, shorter } of changes) {
        const added: Record<string, readonly string[]> = {}
        let end = 0
        for (const { at, texts } of pieces.sort((p, q) => p.at - q.at)) {
          const from = Math.min(list.length, Math.max(at, end))
          added[`a@${from}`] = texts
          list.splice(from, texts.length, ...texts)
          end = from + texts.length
        }
        list = list.slice(0, Math.max(0, list.length - shorter))
        changed.apply([['a', list.length]], columns(added))
      }
      const joined = changed.joined()
      assert.deepEqual([...joined.get('a')!], list)
      assert.equal(joined.has('b'), changes.length === 0)
      list.forEach((one, place) => {
        assert.equal(joined.get('a')!.at(place), one)
      })
    },
  )
  fc.assert(property, { numRuns: 300, seed: 3 })
})

test('a list with a place that has no text is refused', () => {
  const from = () => new ChangedTexts(columns({ a: ['x', 'y'] }))
  const cases: [[string, number][], Record<string, readonly string[]>, RegExp][] = [
    [[['a', 4]], { 'a@3': ['z'] }, /a have a gap/],
    [[['a', 4]], { 'a@2': ['z'] }, /3 texts a, expected 4/],
    [[['a', 3]], { 'a@0': ['z', 'z'], 'a@1': ['z'] }, /come twice at 1/],
    [[['a', 2]], { 'c@0': ['z'] }, /c have a gap/],
  ]
  for (const [lengths, added, why] of cases) {
    assert.throws(() => from().apply(lengths, columns(added)), why)
  }
})
