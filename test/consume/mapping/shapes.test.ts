// The named shapes, record by record: what each publishes, and what is made of it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDecoder } from '../../../src/consume/decode.ts'
import { shapes } from '../../../src/consume/mapping/spec/shapes.ts'
import {
  type MappingSettings,
  mappingDefaults,
  parseMapping,
} from '../../../src/consume/mapping/spec/spec.ts'
import { shown, t0 } from '../foreign.ts'
import { limits, nowMs, record } from '../inputs.ts'
import type { Beside } from './shape-case.ts'
import { streamCases } from './stream-cases.ts'
import { products, track, trackingCases } from './tracking-cases.ts'

const cases = [...trackingCases, ...streamCases]

/** Decodes values one after the other with one decoder, each with what stands beside it. */
async function read(
  settings: Partial<MappingSettings>,
  values: readonly (readonly [value: unknown, beside?: Beside | undefined])[],
): Promise<string[]> {
  const mapping = parseMapping({ ...mappingDefaults, ...settings })
  const { decode } = createDecoder({ form: 'json', now: () => nowMs, limits, mapping })
  const decoded = await decode(
    values.map(([value, beside]) => ({
      ...record(value === null ? null : Buffer.from(text(value))),
      timestamp: t0 + 9,
      ...beside,
    })),
  )
  return decoded.map(shown)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

test('every shape reads what it is named for', async () => {
  const got: string[] = []
  for (const [what, settings, value, , beside] of cases) {
    got.push(`${settings.shape}, ${what}: ${(await read(settings, [[value, beside]]))[0]}`)
  }
  const expected = cases.map(([what, { shape }, , result]) => `${shape}, ${what}: ${result}`)
  assert.deepEqual(got, expected)
  const covered = new Set(cases.map(([, { shape }]) => shape))
  // RecBole's are text files.
  assert.deepEqual([...covered, 'recbole'].sort(), Object.keys(shapes).sort())
})

test('elements that cannot be used leave the others usable, and say which and why', async () => {
  const mapping = parseMapping({ ...mappingDefaults, shape: 'segment' })
  const { decode } = createDecoder({ form: 'json', now: () => nowMs, limits, mapping })
  const value = { ...track, event: 'Order Completed', properties: { products } }
  const [decoded] = await decode([record(Buffer.from(text(value)))])
  assert.equal(shown(decoded!), `u1 i1 ${t0} ADD, u1 i2 ${t0} ADD`)
  assert.ok(decoded?.kind === 'interactions' && decoded.fault?.reason === 'missing_field')
  assert.match(decoded.fault.detail, /^1 of 3 elements, the first is 3: .*item/)
})

test('ids that a number cannot hold are read from the text, exactly', async () => {
  const long = '9007199254740993'
  const values = [
    `{"user":${long},"item":-${long},"timestamp":${t0},"x":"9007199254740993 \\" 1"}`,
    `{"user":"u","item":${long}0000,"timestamp":${t0}000000,"f":0.1234567890123456789}`,
    `{"user":12345678901234567890.5,"item":1,"timestamp":${t0}}`,
    `{"user":1e30,"item":1,"timestamp":${t0}}`,
  ]
  const got = await read(
    {},
    values.map((value) => [value] as const),
  )
  assert.deepEqual(got.slice(0, 2), [`${long} -${long} ${t0} ADD`, `u ${long}0000 ${t0} ADD`])
  assert.ok(
    got.slice(2).every((one) => one.startsWith('dead unsafe_long')),
    got.join('\n'),
  )
})

test('paths go through quotes, indices and alternatives, and nowhere else', async () => {
  const value = { 'a.b': { c: ['x', { id: 'i1' }] }, u: null, v: 'u1', t: t0, n: { user: 'n' } }
  const rows: readonly (readonly [columns: string, expected: string])[] = [
    ['user=u|v,item="a.b".c[1].id,timestamp=t', `u1 i1 ${t0} ADD`],
    ["user=$.v,item=$['a.b'].c[0],timestamp=t", `u1 x ${t0} ADD`],
    ['user=n.user,item=a\\.b.c[0],timestamp=@timestamp', `n x ${t0 + 9} ADD`],
    ['user=v,item=v,timestamp=@line', 'u1 u1 1 ADD'],
    ['user=@header.who,item=v,timestamp=t', `h u1 ${t0} ADD`],
    ['user=v.length,item=v,timestamp=t', 'dead missing_field'],
    ['user=constructor.name,item=v,timestamp=t', 'dead missing_field'],
    ['user=__proto__.x,item=v,timestamp=t', 'dead missing_field'],
    ['user=v,item=v[].id,timestamp=t', 'dead wrong_type'],
  ]
  for (const [columns, expected] of rows) {
    const [got] = await read({ columns }, [[value, { headers: { who: 'h' } }]])
    assert.ok(got?.startsWith(expected), `${columns}: ${got}`)
  }
  assert.throws(
    () =>
      createDecoder({
        ...{ form: 'json', now: () => nowMs, limits },
        mapping: parseMapping({ ...mappingDefaults, columns: 'user=a[].u,item=b[].i,timestamp=t' }),
      }),
    /go through different arrays/,
  )
})

test('nested arrays give a row per innermost element', async () => {
  const value = {
    orders: [
      { ts: t0, lines: [{ sku: 'a' }, { sku: 'b' }] },
      { ts: t0 + 1, lines: [{ sku: 'c' }] },
    ],
    who: 'u',
  }
  const columns = 'user=who,item=orders[].lines[].sku,timestamp=orders[].ts'
  assert.deepEqual(await read({ columns }, [[value]]), [
    `u a ${t0} ADD, u b ${t0} ADD, u c ${t0 + 1} ADD`,
  ])
})
