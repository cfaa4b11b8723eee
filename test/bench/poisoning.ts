// What a poisoned stream does to the worker, with and without the gate: random labels for 20,000 events, as figures and
// as a plot. Time passes by the event, so the course is the same on every machine.

import { writeFileSync } from 'node:fs'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { type Course, type Point, play } from '../publish/poisoned.ts'
import { plot } from './poisoning-plot.ts'
import type { BenchRow } from './store.ts'

const events = 120_000
const [from, to] = [50_000, 70_000]
const seed = 1

export interface PoisoningOptions {
  readonly say: (line: string) => void
  /** Where the plot goes. */
  readonly svg: string | undefined
}

export async function poisoningBench({ say, svg }: PoisoningOptions): Promise<BenchRow[]> {
  const engine = createWasmEngine()
  const stream = { seed, events, from, to, settings: { checkpointEverySeconds: 10 }, engine }
  say('without poison …')
  const clean = await play({ ...stream, from: events, to: events, gate: false })
  say('poisoned, without the gate …')
  const free = await play({ ...stream, gate: false })
  say('poisoned, with the gate …')
  const guarded = await play({ ...stream, gate: true })
  for (const line of guarded.told) say(`  gate  ${line}`)
  const courses = { clean, free, guarded }
  if (svg !== undefined) writeFileSync(svg, plot(courses, { events, from, to }))
  return Object.entries(courses).flatMap(([name, course]) => rowsOf(name, course))
}

function rowsOf(name: string, { points, lists }: Course): BenchRow[] {
  const usual = meanOf(points.filter(({ events: at }) => at > from - 10_000 && at <= from))
  const back = points.find(({ events: at, model }) => at > to && model >= 0.95 * usual)
  const first = meanOf(points.filter(({ events: at }) => at > to + 2_000 && at <= to + 5_000))
  const last = meanOf(points.filter(({ events: at }) => at > events - 10_000))
  const during = lists.filter(({ at }) => at > from && at <= to).length
  const held = points.filter((point) => point.held)
  const row = (what: string, value: number, unit: string, over = usual): BenchRow => ({
    ...{ bench: 'poisoning', case: `${name}: ${what}`, value: Number(value.toFixed(3)), unit },
    ...{
      against: `before the poison ${usual.toFixed(3)}`,
      ratio: Number((value / over).toFixed(3)),
    },
  })
  return [
    row('2,000 to 5,000 events after', first, 'HR@10'),
    row('at the end', last, 'HR@10'),
    row('95 % of before again at', back?.events ?? Number.NaN, 'events', to),
    row('lists during the poison', during, 'lists', to - from),
    ...held.slice(0, 1).map((point) => row('held from', point.events, 'events', from)),
    ...held.slice(-1).map((point) => row('held until', point.events, 'events', to)),
    row('rollbacks', points.at(-1)?.rollbacks ?? 0, 'times', 1),
  ]
}

function meanOf(points: readonly Point[]): number {
  return points.reduce((sum, { model }) => sum + model, 0) / Math.max(1, points.length)
}
