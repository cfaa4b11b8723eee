// Events per second through the whole worker, training off and on, as a share of the bare loop over the same topic and
// the same Redis, in rounds that alternate; and the CPU that an event costs each process.

import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Scene } from '../../e2e/scene.ts'
import type { BenchRow } from '../store.ts'
import { type Child, measure, type Span } from './measured.ts'

const rounds = 3
const bare = fileURLToPath(new URL('./bare-loop.js', import.meta.url))
const main = fileURLToPath(new URL('../../../src/main.js', import.meta.url))

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
    'training off': () => worker(scene, 'false'),
    'training on': () => worker(scene, 'true'),
  }
  const spans = new Map<string, Span[]>()
  for (let round = 0; round < rounds; round++) {
    for (const [name, child] of Object.entries(kinds)) {
      await servers.flush()
      const span = await measure(child(), servers.pids)
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
  return rows
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

function worker(scene: Scene, training: string): Child {
  const id = randomUUID()
  return {
    script: main,
    args: ['run', ...scene.args, '--stop-at-end'],
    env: scene.env(id, { NEUPR_KAFKA_GROUP: id, NEUPR_TRAINING: training, NEUPR_OVERLOAD: 'shed' }),
    from: 'joined the consumer group',
    to: 'all that was read is stored',
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
