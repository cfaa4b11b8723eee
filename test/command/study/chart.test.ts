// Charts as text: what stands where, what those learn who do not see it, and round ticks for any values.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Chart, lineChart } from '../../../src/command/study/chart.ts'
import { linearAxis, logAxis } from '../../../src/command/study/ticks.ts'

const chart: Chart = {
  title: 'Ours & theirs',
  about: 'Higher is <better>.',
  xLabel: 'factors (columns)',
  yLabel: 'HR@10 (share)',
  xScale: 'log',
  series: [
    {
      name: 'ours',
      key: 'a',
      isPaper: false,
      points: [
        { x: 8, y: 0.5 },
        { x: 64, y: 0.7 },
      ],
    },
    { name: 'theirs', key: 'a', isPaper: true, points: [{ x: 8, y: 0.6 }] },
    { name: 'floor', key: 'b', isPaper: false, points: [], level: 0.4 },
  ],
}

test('a chart names itself, its axes and every series, and escapes what it is given', () => {
  const svg = lineChart(chart)
  assert.match(svg, /^<svg [^>]*role="img" aria-labelledby="title about">/)
  assert.match(svg, /<title id="title">Ours &amp; theirs<\/title>/)
  assert.match(svg, /<desc id="about">Higher is &lt;better&gt;\.<\/desc>/)
  for (const words of ['factors (columns)', 'HR@10 (share)', 'ours', 'theirs', 'floor']) {
    assert.ok(svg.includes(`>${words}</text>`), words)
  }
  assert.match(svg, /prefers-color-scheme:dark/)
  assert.doesNotMatch(svg, /NaN|undefined|Infinity|<script|https?:(?!\/\/www\.w3\.org)/)
})

test('a higher value stands higher, a level line reaches from side to side', () => {
  const svg = lineChart(chart)
  const places = [...svg.matchAll(/translate\((\d+\.\d) (\d+\.\d)\)/g)].map(([, x, y]) =>
    [x, y].map(Number),
  )
  const [low, high, paper] = places as [number, number][]
  assert.ok(low![0]! < high![0]! && low![1]! > high![1]!)
  assert.equal(paper![0], low![0], 'the same x')
  assert.ok(paper![1]! < low![1]!)
  assert.match(svg, /class="line level s1" d="M70 \d+\.\dH590"/)
  assert.match(svg, /class="mark s0 hollow"/)
})

test('without a value there is nothing to draw', () => {
  assert.throws(() => lineChart({ ...chart, series: [] }), /no value to draw/)
})

test('ticks are few, rise, and hold all values between the first and the last', () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 9 }), (values) => {
      // What differs in the last digits only has no round steps between.
      const spread = Math.max(...values) - Math.min(...values)
      fc.pre(spread === 0 || spread > 1e-6)
      const { ticks, place } = linearAxis(values, 6)
      assert.ok(ticks.length >= 2 && ticks.length <= 9, `${ticks}`)
      for (let k = 1; k < ticks.length; k++) assert.ok(ticks[k]! > ticks[k - 1]!)
      for (const one of values)
        assert.ok(place(one) > -1e-6 && place(one) < 1 + 1e-6, `${one} in ${ticks}`)
    }),
    { seed: 5, numRuns: 300 },
  )
  const { ticks, place } = logAxis([8, 64, 16])
  assert.deepEqual(ticks, [8, 16, 64])
  assert.ok(Math.abs(place(16) - 1 / 3) < 1e-9)
  assert.ok(Math.abs(logAxis([8]).place(8) - 0.5) < 1e-9)
})
