// Events per second through the whole worker, training off and on, as a share of the bare loop over the same topic and
// the same Redis, in rounds that alternate; and the CPU that an event costs each process. The clock stops when all
// events are stored: what of the learning is made by then is shown, too, and the time until all of it is.

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Scene } from '../../e2e/scene.ts'
import { freePort } from '../../servers/ports.ts'
import { readGauges } from '../live/gauges.ts'
import type { BenchRow } from '../store.ts'
import { type Child, measure, type Span } from './measured.ts'

const rounds = 3
const bare = fileURLToPath(new URL('./bare-loop.js', import.meta.url))
const main = fileURLToPath(new URL('../../../bin/main.js', import.meta.url))

export interface Servers {
  readonly brokers: string
  readonly redis: string
  /** Process ids by name. */
  readonly pids: Readonly<Record<string, number>>
  flush(): Promise<void>
}

export async function throughput(
  servers: Servers,
  scene: Scene,
  events: number,
  say: (line: string) => void,
): Promise<BenchRow[]> {
  const kinds: Record<string, () => Child> = {
    'bare loop': () => bareLoop(servers, scene),
    'training off': () => worker(scene, { NEUPR_TRAINING: 'false' }),
    'training on': () => learning.child,
  }
  const port = await freePort()
  const made: Made[] = []
  let learning = learningWorker(scene, port)
  const spans = new Map<string, Span[]>()
  for (let round = 0; round < rounds; round++) {
    for (const [name, child] of Object.entries(kinds)) {
      await servers.flush()
      learning = learningWorker(scene, port)
      const span = await measure(child(), servers.pids)
      if (name === 'training on') made.push(learning.made())
      say(`${name}: ${Math.round(events / span.seconds)} events/s`)
      spans.set(name, [...(spans.get(name) ?? []), span])
    }
  }
  const rate = (name: string) => events / median((spans.get(name) ?? []).map((one) => one.seconds))
  const cpu = (name: string, who: string) =>
    (1e6 * median((spans.get(name) ?? []).map((one) => one.cpu[who] ?? Number.NaN))) / events
  const rows: BenchRow[] = []
  for (const name of Object.keys(kinds)) {
    rows.push(row(name, rate(name), 'events/s', rate('bare loop')))
    for (const who of ['self', ...Object.keys(servers.pids)]) {
      const label = `${name}, CPU of ${who === 'self' ? 'the process' : who}`
      rows.push(row(label, cpu(name, who), 'µs/event', cpu('bare loop', who)))
    }
  }
  const after = median((spans.get('training on') ?? []).map(({ secondsAfter }) => secondsAfter))
  for (const what of ['triplets', 'measures', 'lists'] as const) {
    const share = median(made.map((one) => one.atEnd[what] / one.inAll[what]))
    const label = `training on, ${what} made when the clock stops`
    rows.push({ ...row(label, share, 'share', 1), against: 'all of them' })
  }
  rows.push({
    ...row('training on, from then until all are made', after, 's', after),
    against: 'itself',
  })
  return rows
}

interface Counts {
  readonly triplets: number
  readonly measures: number
  readonly lists: number
}

/** What a worker has made when the clock stops, and when it ends. */
interface Made {
  readonly atEnd: Counts
  readonly inAll: Counts
}

function learningWorker(scene: Scene, port: number) {
  const summary = join(scene.folder, `summary-${randomUUID()}.json`)
  let atEnd: Counts = { triplets: Number.NaN, measures: Number.NaN, lists: Number.NaN }
  const child = worker(scene, { NEUPR_HTTP_PORT: String(port) }, ['--summary', summary])
  return {
    child: {
      ...child,
      async atEnd() {
        const { triplets, measured, lists } = await readGauges(port)
        atEnd = { triplets, measures: measured, lists }
      },
    },
    made(): Made {
      const { triplets, lists, prequential } = JSON.parse(readFileSync(summary, 'utf8'))
      return { atEnd, inAll: { triplets, measures: prequential.all.events, lists } }
    },
  }
}

function row(name: string, value: number, unit: string, against: number): BenchRow {
  const short = (number: number) => Number(number.toPrecision(4))
  const ratio = Number((value / against).toFixed(3))
  const bareLoop = `bare loop ${short(against)}`
  return { bench: 'pipeline', case: name, value: short(value), unit, against: bareLoop, ratio }
}

function bareLoop({ brokers, redis }: Servers, { input }: Scene): Child {
  const args = [brokers, input, `bare-${randomUUID()}`, redis, 'bare:']
  return { script: bare, args, from: 'joined', to: 'done' }
}

function worker(
  scene: Scene,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Child {
  const id = randomUUID()
  return {
    script: main,
    args: ['run', ...scene.args, '--stop-at-end', ...args],
    env: scene.env(id, { NEUPR_KAFKA_GROUP: id, NEUPR_OVERLOAD: 'shed', ...env }),
    from: 'joined the consumer group',
    to: 'all that was read is stored',
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
