// Texts as columns: compact where they can be, exact always, refused where the parts disagree.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  reviveTexts,
  tensorsToTexts,
  textsToTensors,
} from '../../../src/adapters/disk/text-columns.ts'
import type { Tensor, TensorData, Texts } from '../../../src/ports/checkpoint-store.ts'

const column = (data: TensorData): Tensor => ({ shape: [data.length], data })

test('four bytes and the UTF-8 per text; UTF-16 only for a list that needs it', () => {
  const texts = new Map([
    ['users', ['ab', '', 'ü']],
    ['items', ['\ud800']],
  ])
  const tensors = textsToTensors(texts)
  assert.deepEqual(
    [...tensors.keys()],
    ['users/lengths', 'users/utf8', 'items/lengths', 'items/utf16'],
  )
  assert.deepEqual([...tensors.get('users/lengths')!.data], [2, 0, 2])
  assert.deepEqual([...tensors.get('users/utf8')!.data], [...Buffer.from('abü')])
  const read = tensorsToTexts(tensors)
  assert.deepEqual(new Map([...read].map(([name, list]) => [name, [...list]])), texts)
})

test('texts that stay bytes are read at any place, in runs, and after another thread was given them', () => {
  const list = Array.from({ length: 300 }, (_, k) =>
    k % 7 === 0 ? '' : `ü${'x'.repeat(k % 11)}${k}`,
  )
  for (const given of [list, [...list, '\ud800'], [], list.slice(0, 64)]) {
    const read = tensorsToTexts(textsToTensors(new Map([['a', given]])))
    const posted = new Map<string, Texts>(structuredClone(read))
    reviveTexts(posted)
    for (const texts of [read.get('a')!, posted.get('a')!]) {
      assert.equal(texts.length, given.length)
      assert.deepEqual([...texts], given)
      assert.deepEqual(
        given.map((_, place) => texts.at(place)),
        given,
      )
      assert.equal(texts.at(given.length), undefined)
      assert.deepEqual(texts.slice(), given)
      assert.deepEqual(texts.slice(63, 130), given.slice(63, 130))
      assert.deepEqual(texts.slice(200, 900), given.slice(200, 900))
    }
  }
})

test('lengths and bytes that do not belong together are refused', () => {
  const lengths = (...counts: number[]): [string, Tensor] => [
    'a/lengths',
    column(Uint32Array.from(counts)),
  ]
  const utf8 = (...bytes: number[]): [string, Tensor] => ['a/utf8', column(Uint8Array.from(bytes))]
  const utf16 = (...bytes: number[]): [string, Tensor] => [
    'a/utf16',
    column(Uint8Array.from(bytes)),
  ]
  const cases: [[string, Tensor][], RegExp][] = [
    [[lengths(3), utf8(97, 98)], /hold 2 bytes, their lengths say 3/],
    [[lengths(2 ** 32 - 1, 3), utf8(97, 98)], /their lengths say 4294967298/],
    [[lengths(1, 1), utf8(0xc3, 0xbc)], /inside a character/],
    [[lengths(1), utf8(0xff)], /not UTF-8/],
    [[lengths(1, 3), utf16(0, 0, 0, 0)], /inside a character/],
    [[utf8(97)], /not a list of lengths and bytes/],
    [[['a/lengths', column(new Float32Array(1))], utf8()], /not a list/],
    [[lengths(0)], /tensors among the texts/],
    [[lengths(0), utf8(), ['x', column(new Uint8Array(0))]], /tensors among the texts/],
    [[lengths(0), utf8(), utf16()], /not a list/],
  ]
  for (const [parts, why] of cases) assert.throws(() => tensorsToTexts(new Map(parts)), why)
})
