// Dashboard and alerts use only metrics that exist, with labels that they have; every alert says what to do.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { packageRoot } from '../servers/versions.ts'
import { createLively } from './lively.ts'
import { programOnPath, skipWithout } from './programs.ts'
import { alerts, dashboard, deployFile, queries, type Selector, selectorsOf } from './shipped.ts'

type Series = ReadonlyMap<string, readonly Readonly<Record<string, string>>[]>

/** What Prometheus adds to each series of a target, and makes itself. */
const target = { instance: 'w:9090', job: 'neupr-worker' }

async function seriesOf(text: string): Promise<Series> {
  const series = new Map<string, Record<string, string>[]>([['up', [target]]])
  for (const line of text.split('\n')) {
    const [, name, labels = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? /.exec(line) ?? []
    if (name === undefined) continue
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, value]) => [
      key,
      value,
    ])
    const known = series.get(name) ?? []
    known.push({ ...target, ...(Object.fromEntries(pairs) as Record<string, string>) })
    series.set(name, known)
  }
  return series
}

function fits({ matchers }: Selector, labels: Readonly<Record<string, string>>): boolean {
  return matchers.every(({ label, op, value }) => {
    const has = labels[label] ?? ''
    if (op === '=') return has === value
    if (op === '!=') return has !== value
    return new RegExp(`^(?:${value})$`).test(has) === (op === '=~')
  })
}

test('every query asks for series that the worker has', async () => {
  const series = await seriesOf(await createLively(() => 1e6).registry.metrics())
  const faults: string[] = []
  for (const { where, expr } of queries()) {
    const selectors = selectorsOf(expr)
    assert.ok(selectors.length > 0, `${where}: no series in ${expr}`)
    for (const selector of selectors) {
      const known = series.get(selector.name) ?? []
      if (!known.some((labels) => fits(selector, labels))) {
        faults.push(`${where}: nothing fits ${selector.name} ${JSON.stringify(selector.matchers)}`)
      }
    }
  }
  assert.deepEqual(faults, [])
})

test('the reading of queries finds what is asked for, and would notice a name that is gone', () => {
  const expr =
    'histogram_quantile(0.9, sum by (le, at) (rate(a_bucket{x="1",y=~"b|c"}[5m]))) > 2 and on (z) d == 0'
  assert.deepEqual(
    selectorsOf(expr).map(({ name }) => name),
    ['a_bucket', 'd'],
  )
  assert.deepEqual(selectorsOf('time() - e')[0], { name: 'e', matchers: [] })
})

test('every metric of the worker is on the dashboard or in an alert', async () => {
  const { registry } = createLively(() => 1e6)
  const asked = new Set(queries().flatMap(({ expr }) => selectorsOf(expr).map(({ name }) => name)))
  const unseen = registry
    .getMetricsAsArray()
    .map(({ name }) => name)
    .filter((name) => name.startsWith('neupr_'))
    .filter((name) => ![name, `${name}_bucket`].some((one) => asked.has(one)))
  const facts = ['neupr_build_info', 'neupr_model_version', 'neupr_checkpoint_generation']
  assert.deepEqual(unseen.sort(), facts.sort())
})

test('every alert has a severity, a summary and a paragraph of the runbook, and no paragraph is left over', () => {
  const headings = [...deployFile('README.md').matchAll(/^### (Neupr\w+)$/gm)].map(
    ([, name]) => name,
  )
  for (const { alert, labels, annotations } of alerts()) {
    assert.match(labels.severity, /^(page|ticket)$/, alert)
    assert.equal(annotations.runbook, `deploy/README.md#${alert.toLowerCase()}`)
    assert.ok((annotations.summary ?? '').length > 10, alert)
  }
  const names = alerts().map(({ alert }) => alert)
  assert.deepEqual(headings, names)
})

test('every panel says what it shows', () => {
  const bare = dashboard().panels.filter(({ type, description }) => type !== 'row' && !description)
  assert.deepEqual(
    bare.map(({ title }) => title),
    [],
  )
})

const promtool = programOnPath('promtool')
const skip = skipWithout(promtool, 'promtool is missing: apt-get install prometheus')
const run = promisify(execFile)

test('promtool finds no fault in the rules, and every alert fires on its own trouble alone', {
  skip,
}, async () => {
  assert.ok(promtool !== undefined, 'promtool is needed on the PATH')
  const cwd = join(packageRoot, 'deploy', 'prometheus')
  const checked = await run(promtool, ['check', 'rules', 'alerts.yaml'], { cwd })
  assert.match(checked.stdout, new RegExp(`${alerts().length} rules found`))
  await run(promtool, ['test', 'rules', 'rules.test.yaml'], { cwd })
  await run(promtool, ['check', 'config', '--syntax-only', 'prometheus.yml'], { cwd })
  const tested = deployFile('prometheus/rules.test.yaml')
  for (const { alert } of alerts()) assert.ok(tested.includes(`alertname="${alert}"`), alert)
})

test('promtool finds no fault in the names and helps of the metrics', { skip }, async () => {
  assert.ok(promtool !== undefined, 'promtool is needed on the PATH')
  const text = await createLively(() => 1e6).registry.metrics()
  const child = run(promtool, ['check', 'metrics'])
  child.child.stdin?.end(text)
  const told = await child.catch((error: { stdout: string; stderr: string }) => error)
  const ours = `${told.stdout}${told.stderr}`
    .split('\n')
    .filter((line) => line.startsWith('neupr_'))
  assert.deepEqual(ours, [])
})
