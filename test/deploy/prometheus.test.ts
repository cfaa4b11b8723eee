// A real Prometheus scrapes the real status server and answers every query of the dashboard and every alert.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startStatusServer } from '../../src/adapters/http/server.ts'
import { silent } from '../adapters/http/feed.ts'
import { dataFolder, freePort, launch } from '../servers/process.ts'
import { packageRoot } from '../servers/versions.ts'
import { createLively } from './lively.ts'
import { programOnPath, skipWithout } from './programs.ts'
import { alerts, queries } from './shipped.ts'

const program = programOnPath('prometheus')
const skip = skipWithout(program, 'prometheus is missing: apt-get install prometheus')

interface Answer {
  readonly status: string
  readonly error?: string
  readonly data: { readonly result: readonly unknown[] }
}

test('every query is answered, panels with data, and no alert fires on a fresh worker', {
  skip,
}, async (t) => {
  assert.ok(program !== undefined, 'prometheus is needed on the PATH')
  const lively = createLively(() => Date.now())
  const { feed, registry } = lively
  const timer = setInterval(() => lively.live(), 200)
  t.after(() => clearInterval(timer))
  const server = await startStatusServer({
    ...{ status: feed, registry, log: silent, now: () => performance.now() },
    ...{ host: '127.0.0.1', port: 0, token: 'scrape me' },
  })
  t.after(() => server.close())
  const ask = await prometheus(t, program, new URL(server.url).host)
  await until(
    async () => (await ask('count_over_time(neupr_ready[1m]) > 3')).data.result.length > 0,
  )
  const named = new Set(alerts().map(({ alert }) => alert))
  const silentOnes: string[] = []
  for (const { where, expr } of queries()) {
    const { status, error, data } = await ask(expr)
    assert.equal(status, 'success', `${where}: ${error} in ${expr}`)
    // An alert is a condition: empty says that it does not hold.
    if (!named.has(where) && data.result.length === 0) silentOnes.push(`${where}: ${expr}`)
  }
  assert.deepEqual(silentOnes, [])
  const firing = await ask('ALERTS{alertstate="firing",alertname=~"NeuprWorkerDown|NeuprNotReady"}')
  assert.deepEqual(firing.data.result, [])
  const [scrape] = (await ask('max_over_time(scrape_duration_seconds[1m])')).data.result as [
    { value: [number, string] },
  ]
  const [series] = (await ask('scrape_samples_scraped')).data.result as [
    { value: [number, string] },
  ]
  t.diagnostic(
    `slowest scrape ${(Number(scrape.value[1]) * 1000).toFixed(1)} ms, ${series.value[1]} series`,
  )
  assert.ok(Number(series.value[1]) < 500)
})

/** Starts one on a folder of its own; gives a way to ask it. */
async function prometheus(t: TestContext, command: string, worker: string) {
  const { path: folder, remove } = await dataFolder('prometheus')
  const rules = join(packageRoot, 'deploy', 'prometheus', 'alerts.yaml')
  const config = `
global: { scrape_interval: 500ms, evaluation_interval: 500ms }
rule_files: ['${rules}']
scrape_configs:
  - job_name: neupr-worker
    authorization: { credentials: scrape me }
    static_configs: [{ targets: ['${worker}'] }]
`
  await writeFile(join(folder, 'prometheus.yml'), config)
  const url = `http://127.0.0.1:${await freePort()}`
  const running = await launch({
    ...{ name: 'prometheus', command, folder },
    args: [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${new URL(url).host}`,
    ],
    ready: () =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
  })
  t.after(async () => {
    await running.kill()
    await remove()
  })
  return async (query: string): Promise<Answer> => {
    const body = new URLSearchParams({ query })
    const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body })
    return (await response.json()) as Answer
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(100)
}
