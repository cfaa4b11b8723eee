// Every metric has a place in the source that moves it, and every alert asks for metrics that can move: a metric that
// is only declared looks like good news for ever.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createMetrics, Registry } from '../../src/metrics.ts'
import { conditionNames } from '../../src/ports/status.ts'
import { gateReasons } from '../../src/types.ts'
import { alerts, selectorsOf } from '../deploy/shipped.ts'
import { packageRoot } from '../servers/versions.ts'

const folder = join(packageRoot, 'src')
const files = new Map(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
)
/** Files that only declare. */
const declarations = ['metrics.ts', 'metrics/output.ts', 'metrics/updates.ts']
const declared = declarations.map((file) => files.get(file)!).join('\n')
const ofTrainer = files.get('metrics/trainer.ts')!
const elsewhere = [...files].filter(
  ([file]) => !declarations.includes(file) && !file.startsWith('kernel/'),
)

/** The declarations of the metrics: the key in the code, the name on the wire. */
const instruments = [...declared.matchAll(/(\w+): make\.\w+\(\s*'(\w+)'/g)].map(
  ([, key, name]) => ({ key: key!, name: name! }),
)
const spans = [...declared.matchAll(/(\w+): path\('(\w+)'/g)].map(([, key, to]) => ({
  key: key!,
  name: `neupr_event_to_${to}_seconds`,
}))
/** Rows of what the trainer counts: the key in its report, the name on the wire. */
const rows = [...ofTrainer.matchAll(/\[\s*'(\w+)',\s*'(neupr_\w+)'/g)].map(([, key, name]) => ({
  key: key!,
  name: name!,
}))
/** Made one by one from the trainer's report. */
const singles = [...ofTrainer.matchAll(/const (\w+) = make\.\w+\(\s*'(neupr_\w+)'/g)].map(
  ([, key, name]) => ({ key: key!, name: name! }),
)

function moves(text: string, key: string): boolean {
  const call = `(?:\\.(?:of|from)\\([^()]*(?:\\([^()]*\\))?\\))?\\.(?:add|set|observe)\\(`
  const called = new RegExp(`\\b${key}${call}`)
  // A grid hands out the setter of a cell.
  return called.test(text) || new RegExp(`\\b${key}\\(\\.\\.\\.\\w+\\)\\?\\.\\(`).test(text)
}

/** Whether the trainer computes a figure of its report, and does not only fill its place with a constant. */
function isComputed(key: string): boolean {
  const stats = files.get('trainer/loop/stats.ts')! + files.get('trainer/loop/reporters.ts')!
  return new RegExp(`\\b${key}(?:,|: (?!0,|undefined|\\[|\\{))`).test(stats)
}

const unmoved = [
  ...[...instruments, ...spans]
    .filter(({ name }) => name !== 'neupr_build_info')
    .filter(({ key }) => !elsewhere.some(([, text]) => moves(text, key))),
  ...singles.filter(({ key }) => !moves(ofTrainer, key)),
  ...rows.filter(({ key }) => !isComputed(key)),
].map(({ name }) => name)

test('the reading of the declarations finds every metric of the worker', async () => {
  const registry = new Registry()
  createMetrics(registry, { version: '', engine: '', model: '', now: () => 0, process: false })
  const there = (await registry.getMetricsAsJSON()).map(({ name }) => name)
  const found = [...instruments, ...spans, ...rows, ...singles].map(({ name }) => name)
  assert.deepEqual([...new Set([...found, 'neupr_build_info'])].sort(), there.sort())
})

test('every metric is moved somewhere', () => {
  assert.deepEqual(unmoved, [])
  assert.equal(moves('metrics.lagRecords.set(waiting)', 'lagRecords'), true)
  assert.equal(moves('metrics.deadLettered.from(reason).add(count)', 'deadLettered'), true)
  assert.equal(moves('return metrics.lagRecords.value()', 'lagRecords'), false)
  assert.equal(isComputed('trainerRestarts'), false)
})

test('every alert asks for a metric that can move', () => {
  const known = new Set([...instruments, ...spans, ...rows, ...singles].map(({ name }) => name))
  for (const { alert, expr } of alerts()) {
    for (const { name } of selectorsOf(expr)) {
      const base = name.replace(/_(bucket|sum|count)$/, '')
      const ofNode = name === 'up' || /^(process|nodejs)_/.test(name)
      assert.ok(ofNode || known.has(base), `${alert}: ${name} is not a metric of the worker`)
      assert.ok(!unmoved.includes(base), `${alert}: ${name} never moves`)
    }
  }
})

test('every label that stands for a cause has a place that gives it', () => {
  const conditions = files.get('monitor/conditions.ts')!
  const missing = conditionNames.filter((name) => !conditions.includes(`'${name}'`))
  const gate = files.get('publish/gate.ts')!
  missing.push(...(gateReasons.filter((reason) => !gate.includes(`'${reason}'`)) as never[]))
  const others = elsewhere.filter(([file]) => file !== 'monitor/timed-store.ts')
  for (const operation of ['fetch', 'produce', 'commit']) {
    const given = others.some(([, text]) =>
      new RegExp(`(?:took\\?*\\.?|of|timed)\\('${operation}'`).test(text),
    )
    if (!given) missing.push(operation as never)
  }
  assert.deepEqual(missing, [])
})
