// A real Prometheus scrapes the real status server and answers every query of the dashboard and every alert: once
// over metrics in which everything has happened, and once over a worker that runs.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { startStatusServer } from '../../src/adapters/http/server.ts'
import { silent } from '../adapters/http/feed.ts'
import { apiOf, createMadeUpLists } from '../adapters/http/made-up-lists.ts'
import { start, temporary, writeWorld } from '../e2e/program.ts'
import { freePort } from '../servers/ports.ts'
import { createLively } from './lively.ts'
import { program, prometheus, skip, until } from './real-prometheus.ts'
import { alerts, queries } from './shipped.ts'

test('every query is answered, panels with data, and no alert fires on a fresh worker', {
  skip,
}, async (t) => {
  assert.ok(program !== undefined, 'prometheus is needed on the PATH')
  const lively = createLively(() => Date.now())
  const { feed, registry } = lively
  const timer = setInterval(() => lively.live(), 200)
  t.after(() => clearInterval(timer))
  const server = await startStatusServer({
    ...{
      status: feed,
      api: apiOf(createMadeUpLists()),
      registry,
      log: silent,
      now: () => performance.now(),
    },
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

/** What a worker on a file has nothing to say of, with why. */
const statedEmpty = new Map([
  ['Dead letters by reason', 'shows reasons that occur, and every event is good'],
  ['Events by action', 'shows actions that occur, and events have none'],
  ['Redis', 'positives are in memory, so no pipeline was timed'],
  ['Kafka', 'nothing is read from or written to Kafka'],
  ['Lists on request: time', 'nobody asks for a list'],
  ['Lists on request: rate', 'nobody asks for a list'],
  ['Rollbacks', 'the model was never put back'],
  ['Waiting', 'a file does not say how much of it is left'],
  ['Waiting in the input', 'a file does not say how much of it is left'],
  ['Workers of the update log', 'a worker by itself has no update log'],
])

test('a running worker is scraped while it learns: panels have data or a stated reason, the books balance', {
  skip,
}, async (t) => {
  assert.ok(program !== undefined, 'prometheus is needed on the PATH')
  const folder = temporary()
  const at = (name: string) => join(folder, name)
  const events = writeWorld(at('events.ndjson'), 3_000)
  const port = await freePort()
  const worker = start([
    ...['run', '--source', `file:${at('events.ndjson')}`, '--sink', `file:${at('lists.ndjson')}`],
    ...['--checkpoints', at('state'), '--checkpoint-every-seconds', '1', '--follow'],
    ...['--http-port', `${port}`, '--http-token', 'scrape me', '--effort', 'light'],
  ])
  t.after(async () => {
    worker.child.kill('SIGTERM')
    assert.equal((await worker.ended).code, 0)
  })
  const ask = await prometheus(t, program, `127.0.0.1:${port}`)
  const learned = `neupr_trainer_events_total >= ${events.length} and neupr_checkpoint_bytes > 0`
  await until(async () => (await ask(learned)).data.result.length > 0)
  await until(
    async () => (await ask('changes(neupr_training_steps_total[1m]) > 3')).data.result.length > 0,
  )
  const named = new Set(alerts().map(({ alert }) => alert))
  const empty = new Set<string>()
  for (const { where, expr } of queries()) {
    const { status, error, data } = await ask(expr)
    assert.equal(status, 'success', `${where}: ${error} in ${expr}`)
    if (!named.has(where) && data.result.length === 0) empty.add(where)
  }
  assert.deepEqual([...empty].sort(), [...statedEmpty.keys()].sort())
  const books =
    'neupr_events_consumed_total - neupr_events_applied_total - neupr_events_forgotten_total - ' +
    'on (instance) sum by (instance) (neupr_events_dead_lettered_total) - ' +
    'on (instance) sum by (instance) (neupr_events_skipped_total)'
  assert.equal(await numberOf(books), 0)
  assert.equal(await numberOf('neupr_events_consumed_total'), events.length)
  assert.ok((await numberOf('min_over_time(neupr_lag_seconds[5m])')) >= 0)
  const series = await numberOf('scrape_samples_scraped')
  assert.ok(series < 500, `${series} series`)
  t.diagnostic(`${series} series; panels with a stated empty: ${[...empty].join(', ')}`)

  async function numberOf(query: string): Promise<number> {
    const [first] = (await ask(query)).data.result as { value: [number, string] }[]
    return Number(first?.value[1])
  }
})
