// How long an application waits for a list: a worker that learns 500 events a second over 4,000 items is asked 200
// times a second, at times that no answer can delay. Beside it as many requests for /livez, which ask the trainer
// nothing. The client is a process of its own; how late it sends counts as waiting, and is told.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createRandom } from '../../src/sample/random.ts'
import { createWorld } from '../../src/world/world.ts'
import { start, temporary } from '../e2e/program.ts'
import { freePort } from '../servers/ports.ts'
import type { BenchRow } from './store.ts'

const size = { users: 2_000, items: 4_000, events: 44_000 }
const eventsPerSecond = 500
/** Read at full speed first, so that the model knows its users and items. */
const warmEvents = 20_000
const requestsPerSecond = 200
const seconds = 20
/** Of requests that are not counted: the worker has just started. */
const warmSeconds = 4
const historyLength = 10

interface Call {
  readonly name: string
  readonly path: string
  readonly body?: string
}

export async function apiBench(say: (line: string) => void): Promise<BenchRow[]> {
  const folder = temporary()
  const at = (name: string) => join(folder, name)
  const events = [...createWorld({ seed: 1, ...size }).interactions()]
  const write = (name: string, some: typeof events) =>
    writeFileSync(at(name), `${some.map((one) => JSON.stringify(one)).join('\n')}\n`)
  write('1.ndjson', events.slice(0, warmEvents))
  const state = ['--sink', `file:${at('lists.ndjson')}`, '--checkpoints', at('state')]
  const warm = start(['run', '--source', `file:${at('1.ndjson')}`, ...state, '--stop-at-end'])
  assert.equal((await warm.ended).code, 0)
  write('2.ndjson', events.slice(warmEvents))
  const port = await freePort()
  const worker = start([
    ...['run', '--source', `file:${at('2.ndjson')}`, '--rate', String(eventsPerSecond)],
    ...[...state, '--http-port', String(port), '--follow'],
  ])
  await worker.said('the worker has started')
  const random = createRandom(7, 'calls')
  const some = (of: 'user' | 'item') => encodeURIComponent(events[random.below(warmEvents)]![of])
  const calls: Record<string, () => Call> = {
    list: () => ({ name: 'list', path: `/v1/users/${some('user')}/list` }),
    similar: () => ({ name: 'similar', path: `/v1/items/${some('item')}/similar` }),
    rank: () => {
      const history = Array.from({ length: historyLength }, () => ({
        item: decodeURIComponent(some('item')),
      }))
      return { name: 'rank', path: '/v1/list', body: JSON.stringify({ history }) }
    },
  }
  const kinds = Object.values(calls)
  const asking = (n: number) => kinds[n % kinds.length]!()
  while (!(await isReady(port))) await delay(50)
  await play(port, asking, warmSeconds)
  const base = await play(port, () => ({ name: 'livez', path: '/livez' }))
  const found = await play(port, asking)
  worker.child.kill('SIGTERM')
  assert.equal((await worker.ended).code, 0)
  const late = quantile(
    found.map(({ lateMs }) => lateMs),
    0.99,
  )
  say(
    `${found.length} requests, none refused; 99 of 100 were sent at most ${late.toFixed(1)} ms late, which counts; ` +
      `load of the machine ${loadavg()[0]?.toFixed(1)}`,
  )
  const against = base.map(({ ms }) => ms)
  return [...Object.keys(calls), 'all'].flatMap((name) => {
    const ms = found.filter((one) => name === 'all' || one.name === name).map((one) => one.ms)
    return [0.5, 0.99].map((share) => rowOf(name, share, ms, against))
  })
}

function rowOf(name: string, share: number, ms: number[], base: number[]): BenchRow {
  const value = quantile(ms, share)
  return {
    ...{
      bench: 'api',
      case: `${name} p${100 * share}`,
      value: Number(value.toFixed(2)),
      unit: 'ms',
    },
    ...{ against: '/livez', ratio: Number((value / quantile(base, share)).toFixed(2)) },
  }
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[
    Math.min(values.length - 1, Math.floor(values.length * share))
  ]!
}

interface Answered {
  readonly name: string
  /** From when the request was due, whatever became of those before it. */
  readonly ms: number
  /** Of these, until the client sent it. */
  readonly lateMs: number
}

async function play(
  port: number,
  next: (n: number) => Call,
  forSeconds = seconds,
): Promise<Answered[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const startMs = performance.now()
  const answers: Promise<Answered>[] = []
  for (let n = 0; n < requestsPerSecond * forSeconds; n++) {
    const dueMs = startMs + (n * 1_000) / requestsPerSecond
    const early = dueMs - performance.now()
    if (early > 0) await delay(early)
    const call = next(n)
    const lateMs = performance.now() - dueMs
    answers.push(
      ask(agent, port, call).then(() => ({
        name: call.name,
        ms: performance.now() - dueMs,
        lateMs,
      })),
    )
  }
  const all = await Promise.all(answers)
  agent.destroy()
  return all
}

function isReady(port: number): Promise<boolean> {
  return ask(new Agent(), port, { name: 'ready', path: '/readyz' }).then(
    () => true,
    () => false,
  )
}

function ask(agent: Agent, port: number, { path, body }: Call): Promise<void> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const asked = request({ agent, port, path, method }, (response) => {
      response.resume()
      response.on('end', () => {
        if (response.statusCode === 200) resolve()
        else reject(new Error(`${path} was answered with ${response.statusCode}`))
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
