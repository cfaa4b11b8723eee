// When the gate pauses, goes back and resumes; and what it never does, on any stream of reports.

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
  reportsToPause: 3,
  reportsToResume: 4,
  normMax: 1_000,
  eventsBetweenRollbacks: 2_000,
  rollbacksMax: 2,
}

const fine = { loss: 0.4, norm: 3, windowEvents: 1_000, model: 0.3, popularity: 0.15 }

function run(reports: readonly Partial<GateReport>[], with_: Partial<GateOptions> = {}) {
  let state = openGate
  const seen: (GateAction & { readonly at: number })[] = []
  const paused: boolean[] = []
  reports.forEach((change, k) => {
    const report = { events: 5_000 + 200 * k, ...fine, ...change }
    const step = nextGate(state, report, { ...options, ...with_ })
    for (const action of step.actions) seen.push({ ...action, at: k })
    state = step.state
    paused.push(state.paused)
  })
  return { seen, paused, state, kinds: seen.map(({ kind, at }) => `${kind}@${at}`) }
}

const times = (n: number, report: Partial<GateReport> = {}) =>
  Array.from({ length: n }, () => report)

test('a good model is never paused', () => {
  assert.deepEqual(run(times(50)).kinds, [])
})

test('a loss or norm that cannot be right pauses and rolls back at once', () => {
  for (const bad of [{ loss: Number.NaN }, { loss: Number.POSITIVE_INFINITY }]) {
    const { seen } = run([...times(5), bad])
    assert.deepEqual(
      seen.map(({ kind, at }) => [kind, at]),
      [
        ['pause', 5],
        ['rollback', 5],
      ],
    )
    assert.ok(seen.every((action) => !('reason' in action) || action.reason === 'loss_not_finite'))
  }
  assert.deepEqual(run([{ norm: 1e6 }]).kinds, ['pause@0', 'rollback@0'])
  assert.deepEqual(run([{ norm: Number.NaN }]).kinds, ['pause@0', 'rollback@0'])
})

test('worse than popularity pauses after three reports in a row and goes back to proven events', () => {
  const bad = { model: 0.05 }
  assert.deepEqual(run([...times(5), bad, bad, {}, bad, bad]).kinds, [])
  const { seen } = run([...times(5), bad, bad, bad])
  assert.deepEqual(seen, [
    { kind: 'pause', reason: 'below_popularity', at: 7 },
    { kind: 'rollback', reason: 'below_popularity', events: 5_800 - 1_000, at: 7 },
  ])
})

test('losing half of its own usual quality pauses even where popularity is no better', () => {
  const { seen } = run([...times(20), ...times(3, { model: 0.08, popularity: 0.05 })])
  assert.equal(seen[0]?.kind === 'pause' && seen[0].reason, 'below_itself')
})

test('a difference within the margin, or within chance, or in a short window, pauses nothing', () => {
  assert.deepEqual(run(times(9, { model: 0.14, popularity: 0.15, windowEvents: 1e6 })).kinds, [])
  assert.deepEqual(run(times(9, { model: 0.1, popularity: 0.13, windowEvents: 600 })).kinds, [])
  assert.deepEqual(run(times(9, { model: 0, popularity: 0.5, windowEvents: 499 })).kinds, [])
})

test('resumes after four good reports in a row; between the bars nothing changes', () => {
  const bad = times(3, { model: 0.05 })
  const between = { model: 0.14, popularity: 0.15 }
  const { kinds } = run([...bad, ...times(3), between, ...times(4)])
  assert.deepEqual(kinds, ['pause@2', 'rollback@2', 'resume@10'])
  assert.deepEqual(run([...bad, ...times(40, between)]).kinds, ['pause@2', 'rollback@2'])
})

test('rolls back again only after the window turned over, and only so often', () => {
  const { kinds } = run(times(60, { model: 0.05 }))
  assert.deepEqual(kinds, ['pause@2', 'rollback@2', 'rollback@12'])
})

test('reports without new events are not counted, and a switched off gate does nothing', () => {
  const same = times(20, { events: 9_000, model: 0.05 })
  assert.deepEqual(run(same).kinds, [])
  assert.deepEqual(run(times(20, { loss: Number.NaN }), { enabled: false }).kinds, [])
})

test('random labels for 20,000 events: paused, put back before them, and resumed after', () => {
  // Windowed quality of a model that forgets under the poison and of popularity, per 200 events.
  const poison = Array.from({ length: 100 }, (_, k) => ({
    model: Math.max(0.02, 0.3 - 0.06 * k),
    popularity: Math.max(0.02, 0.15 - 0.03 * k),
  }))
  const { seen, paused } = run([...times(40), ...poison, ...times(40)])
  const [pause, back] = seen
  assert.equal(pause?.kind, 'pause')
  assert.ok(pause !== undefined && pause.at >= 40 && pause.at < 50, `paused at ${pause?.at}`)
  assert.ok(back?.kind === 'rollback' && back.events <= 5_000 + 200 * 40)
  assert.ok(paused.slice(pause.at, 140).every(Boolean), 'paused while the poison lasts')
  assert.equal(seen.at(-1)?.kind, 'resume')
  assert.equal(paused.at(-1), false)
})

const anyReport = fc.record({
  loss: fc.oneof(fc.double({ min: 0, max: 2, noNaN: true }), fc.constant(Number.NaN)),
  norm: fc.constantFrom(1, 10, 1e9),
  windowEvents: fc.integer({ min: 0, max: 5_000 }),
  model: fc.double({ min: 0, max: 1, noNaN: true }),
  popularity: fc.double({ min: 0, max: 1, noNaN: true }),
})

test('on any reports: pauses and resumes alternate, no resuming without good reports, few rollbacks', () => {
  fc.assert(
    fc.property(fc.array(anyReport, { maxLength: 200 }), (reports) => {
      const { seen, paused } = run(reports)
      const turns = seen.filter(({ kind }) => kind !== 'rollback')
      turns.forEach(({ kind }, k) => {
        assert.equal(kind, k % 2 === 0 ? 'pause' : 'resume')
      })
      for (const { kind, at } of seen) {
        if (kind === 'resume') {
          for (let k = at - options.reportsToResume + 1; k <= at; k++) {
            const report = reports[k]
            assert.ok(report !== undefined && Number.isFinite(report.loss))
            assert.ok(report.norm <= options.normMax)
          }
        }
      }
      const backs = seen.filter(({ kind }) => kind === 'rollback').length
      const pauses = seen.filter(({ kind }) => kind === 'pause').length
      assert.ok(backs <= pauses * options.rollbacksMax)
      reports.forEach((report, k) => {
        if (!Number.isFinite(report.loss)) assert.ok(paused[k], 'a broken model never publishes')
      })
    }),
    { seed: 5, numRuns: 300 },
  )
})
