// When the gate holds, goes back and releases; and what it never does, on any stream of reports.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type GateAction,
  type GateOptions,
  type GateReport,
  nextGate,
  openGate,
} from '../../src/publish/gate.ts'

const options: GateOptions = {
  enabled: true,
  eventsPerReport: 100,
  margin: 0.1,
  drop: 0.5,
  windowEventsMin: 500,
  reportsToHold: 3,
  reportsToRelease: 4,
  normMax: 1_000,
  eventsBetweenRollbacks: 2_000,
  rollbacksMax: 2,
}

const fine = { loss: 0.4, norm: 3, windowEvents: 1_000, model: 0.3, popularity: 0.15 }

function run(reports: readonly Partial<GateReport>[], with_: Partial<GateOptions> = {}) {
  let state = openGate
  const seen: (GateAction & { readonly at: number })[] = []
  const held: boolean[] = []
  reports.forEach((change, k) => {
    const report = { events: 5_000 + 200 * k, ...fine, ...change }
    const step = nextGate(state, report, { ...options, ...with_ })
    for (const action of step.actions) seen.push({ ...action, at: k })
    state = step.state
    held.push(state.held)
  })
  return { seen, held, state, kinds: seen.map(({ kind, at }) => `${kind}@${at}`) }
}

const times = (n: number, report: Partial<GateReport> = {}) =>
  Array.from({ length: n }, () => report)

test('a good model is never held', () => {
  assert.deepEqual(run(times(50)).kinds, [])
})

test('a loss or norm that cannot be right holds and rolls back at once', () => {
  for (const bad of [{ loss: Number.NaN }, { loss: Number.POSITIVE_INFINITY }]) {
    const { seen } = run([...times(5), bad])
    assert.deepEqual(
      seen.map(({ kind, at }) => [kind, at]),
      [
        ['hold', 5],
        ['rollback', 5],
      ],
    )
    assert.ok(seen.every((action) => !('reason' in action) || action.reason === 'loss_not_finite'))
  }
  assert.deepEqual(run([{ norm: 1e6 }]).kinds, ['hold@0', 'rollback@0'])
  assert.deepEqual(run([{ norm: Number.NaN }]).kinds, ['hold@0', 'rollback@0'])
})

test('worse than popularity holds after three reports in a row and goes back to proven events', () => {
  const bad = { model: 0.05 }
  assert.deepEqual(run([...times(5), bad, bad, {}, bad, bad]).kinds, [])
  const { seen } = run([...times(5), bad, bad, bad])
  assert.deepEqual(seen, [
    { kind: 'hold', reason: 'below_popularity', at: 7 },
    { kind: 'rollback', reason: 'below_popularity', events: 5_800 - 1_000, at: 7 },
  ])
})

test('losing half of its own usual quality holds even where popularity is no better', () => {
  const { seen } = run([...times(20), ...times(3, { model: 0.08, popularity: 0.05 })])
  assert.equal(seen[0]?.kind === 'hold' && seen[0].reason, 'below_itself')
})

test('a difference within the margin, or within chance, or in a short window, holds nothing', () => {
  assert.deepEqual(run(times(9, { model: 0.14, popularity: 0.15, windowEvents: 1e6 })).kinds, [])
  assert.deepEqual(run(times(9, { model: 0.1, popularity: 0.13, windowEvents: 600 })).kinds, [])
  assert.deepEqual(run(times(9, { model: 0, popularity: 0.5, windowEvents: 499 })).kinds, [])
})

test('releases after four good reports in a row; between the bars nothing changes', () => {
  const bad = times(3, { model: 0.05 })
  const between = { model: 0.14, popularity: 0.15 }
  const { kinds } = run([...bad, ...times(3), between, ...times(4)])
  assert.deepEqual(kinds, ['hold@2', 'rollback@2', 'release@10'])
  assert.deepEqual(run([...bad, ...times(40, between)]).kinds, ['hold@2', 'rollback@2'])
})

test('rolls back again only after the window turned over, and only so often', () => {
  const { kinds } = run(times(60, { model: 0.05 }))
  assert.deepEqual(kinds, ['hold@2', 'rollback@2', 'rollback@12'])
})

test('reports without new events are not counted, and a switched off gate does nothing', () => {
  const same = times(20, { events: 9_000, model: 0.05 })
  assert.deepEqual(run(same).kinds, [])
  assert.deepEqual(run(times(20, { loss: Number.NaN }), { enabled: false }).kinds, [])
})

test('random labels for 20,000 events: held, put back before them, and released after', () => {
  // Windowed quality of a model that forgets under the poison and of popularity, per 200 events.
  const poison = Array.from({ length: 100 }, (_, k) => ({
    model: Math.max(0.02, 0.3 - 0.06 * k),
    popularity: Math.max(0.02, 0.15 - 0.03 * k),
  }))
  const { seen, held } = run([...times(40), ...poison, ...times(40)])
  const [hold, back] = seen
  assert.equal(hold?.kind, 'hold')
  assert.ok(hold !== undefined && hold.at >= 40 && hold.at < 50, `held at ${hold?.at}`)
  assert.ok(back?.kind === 'rollback' && back.events <= 5_000 + 200 * 40)
  assert.ok(held.slice(hold.at, 140).every(Boolean), 'held while the poison lasts')
  assert.equal(seen.at(-1)?.kind, 'release')
  assert.equal(held.at(-1), false)
})

const anyReport = fc.record({
  loss: fc.oneof(fc.double({ min: 0, max: 2, noNaN: true }), fc.constant(Number.NaN)),
  norm: fc.constantFrom(1, 10, 1e9),
  windowEvents: fc.integer({ min: 0, max: 5_000 }),
  model: fc.double({ min: 0, max: 1, noNaN: true }),
  popularity: fc.double({ min: 0, max: 1, noNaN: true }),
})

test('on any reports: holds and releases alternate, no release without good reports, few rollbacks', () => {
  fc.assert(
    fc.property(fc.array(anyReport, { maxLength: 200 }), (reports) => {
      const { seen, held } = run(reports)
      const turns = seen.filter(({ kind }) => kind !== 'rollback')
      turns.forEach(({ kind }, k) => {
        assert.equal(kind, k % 2 === 0 ? 'hold' : 'release')
      })
      for (const { kind, at } of seen) {
        if (kind === 'release') {
          for (let k = at - options.reportsToRelease + 1; k <= at; k++) {
            const report = reports[k]
            assert.ok(report !== undefined && Number.isFinite(report.loss))
            assert.ok(report.norm <= options.normMax)
          }
        }
      }
      const backs = seen.filter(({ kind }) => kind === 'rollback').length
      const holds = seen.filter(({ kind }) => kind === 'hold').length
      assert.ok(backs <= holds * options.rollbacksMax)
      reports.forEach((report, k) => {
        if (!Number.isFinite(report.loss)) assert.ok(held[k], 'a broken model never publishes')
      })
    }),
    { seed: 5, numRuns: 300 },
  )
})
