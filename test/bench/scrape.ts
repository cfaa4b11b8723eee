// What a scrape costs while the worker learns as fast as it can: a worker of its own on a file, asked for /metrics once
// the cached answer has passed, and for /livez before it: what any request costs on this machine now. Every answer
// is checked: the books, the lag, the number of series.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createWorld } from '../../src/world/world.ts'
import { start, temporary } from '../e2e/program.ts'
import { freePort } from '../servers/ports.ts'
import type { BenchRow } from './store.ts'

const events = 60_000
const scrapes = 20
/** A little longer than the server keeps an answer. */
const pauseMs = 1_050
/** What a scrape may take. */
const allowedMs = 20
const allowedSeries = 500

interface Scrape {
  readonly ms: number
  readonly bytes: number
  readonly values: ReadonlyMap<string, number>
}

export async function scrapeBench(say: (line: string) => void): Promise<BenchRow[]> {
  const folder = temporary()
  const at = (name: string) => join(folder, name)
  const lines = [...createWorld({ seed: 1, events }).interactions()].map((one) =>
    JSON.stringify(one),
  )
  writeFileSync(at('events.ndjson'), `${lines.join('\n')}\n`)
  const port = await freePort()
  const worker = start([
    ...['run', '--source', `file:${at('events.ndjson')}`, '--sink', `file:${at('lists.ndjson')}`],
    ...['--checkpoints', at('state'), '--http-port', `${port}`, '--follow'],
  ])
  await worker.said('the status page is open')
  const taken: Scrape[] = []
  const bare: number[] = []
  while (taken.length < scrapes) {
    await delay(pauseMs)
    const { ms } = await scraped(`http://127.0.0.1:${port}/livez`)
    const scrape = await scraped(`http://127.0.0.1:${port}/metrics`)
    check(scrape)
    if ((scrape.values.get('neupr_training_steps_total') ?? 0) === 0) continue
    taken.push(scrape)
    bare.push(ms)
  }
  worker.child.kill('SIGTERM')
  assert.equal((await worker.ended).code, 0)
  const ms = taken.map((one) => one.ms).sort((a, b) => a - b)
  const busy = taken.map(({ values }) => values.get('neupr_training_busy_ratio') ?? 0)
  const mean = busy.reduce((sum, value) => sum + value, 0) / busy.length
  const last = taken.at(-1)!
  say(
    `${scrapes} scrapes of ${last.values.size} series, ${last.bytes} bytes; the trainer learned ` +
      `${(100 * mean).toFixed(0)} % of the time; load of the machine ${loadavg()[0]?.toFixed(1)}`,
  )
  const row = (name: string, value: number): BenchRow => ({
    ...{ bench: 'scrape', case: name, value: Number(value.toFixed(2)), unit: 'ms' },
    ...{ against: `${allowedMs} ms`, ratio: Number((value / allowedMs).toFixed(3)) },
  })
  bare.sort((a, b) => a - b)
  return [
    row('median', ms[ms.length >> 1]!),
    row('longest', ms.at(-1)!),
    row('any request, median', bare[bare.length >> 1]!),
    row('any request, longest', bare.at(-1)!),
  ]
}

async function scraped(url: string): Promise<Scrape> {
  const startedMs = performance.now()
  const response = await fetch(url)
  const text = await response.text()
  const ms = performance.now() - startedMs
  assert.equal(response.status, 200)
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const values = new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))] as const
    }),
  )
  return { ms, bytes: text.length, values }
}

/** Nothing is finished that was not read, lag is never negative, and no input makes series. */
function check({ values }: Scrape): void {
  const sum = (name: string) =>
    [...values]
      .filter(([key]) => key.startsWith(name))
      .reduce((total, [, value]) => total + value, 0)
  const done =
    sum('neupr_events_applied_total') +
    sum('neupr_events_forgotten_total') +
    sum('neupr_events_dead_lettered_total') +
    sum('neupr_events_skipped_total')
  assert.ok(sum('neupr_events_consumed_total') >= done)
  for (const name of ['neupr_lag_records', 'neupr_lag_seconds'])
    assert.ok((values.get(name) ?? 0) >= 0)
  assert.ok(values.size < allowedSeries, `${values.size} series`)
}
