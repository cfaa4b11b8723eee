// What a poisoned stream does to the worker, with and without the gate, as figures and as a plot:
//   node dist/test/bench/poisoning.js [--events 120000] [--from 50000] [--to 70000] [--plot FILE.svg]

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { type Course, type Point, play } from '../command/worker/poisoned.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '120000' },
    from: { type: 'string', default: '50000' },
    to: { type: 'string', default: '70000' },
    seed: { type: 'string', default: '1' },
    plot: { type: 'string' },
  },
})
const [events, from, to, seed] = [values.events, values.from, values.to, values.seed].map(
  Number,
) as [number, number, number, number]
const engine = createWasmEngine()
const settings = { checkpointEverySeconds: 10 }
const stream = { seed, events, from, to, settings }
const clean = await play({ ...stream, from: events, to: events, gate: false, engine })
const free = await play({ ...stream, gate: false, engine })
const guarded = await play({ ...stream, gate: true, engine })

const say = (line: string) => process.stdout.write(`${line}\n`)
for (const line of guarded.told) say(`  gate  ${line}`)
for (const [name, course] of Object.entries({ clean, free, guarded })) tell(name, course)
if (values.plot !== undefined) writeFileSync(values.plot, plot())

function tell(name: string, { points, lists }: Course): void {
  const usual = meanOf(points.filter(({ events: at }) => at > from - 10_000 && at <= from))
  const back = points.find(({ events: at, model }) => at > to && model >= 0.95 * usual)
  const first = meanOf(points.filter(({ events: at }) => at > to + 2_000 && at <= to + 5_000))
  const last = meanOf(points.filter(({ events: at }) => at > events - 10_000))
  const during = lists.filter(({ at }) => at > from && at <= to).length
  const held = points.filter((point) => point.held)
  const whenHeld =
    held.length === 0
      ? ''
      : `, held ${held[0]!.events} … ${held.at(-1)!.events}, ${held.at(-1)!.rollbacks} rollbacks`
  say(
    `${name.padEnd(8)} HR@10 before ${usual.toFixed(3)}, 2,000 to 5,000 events after the poison ${first.toFixed(3)}, ` +
      `at the end ${last.toFixed(3)}; 95 % of before at ${back?.events ?? 'never'}; ` +
      `${during} lists during the poison${whenHeld}`,
  )
}

function meanOf(points: readonly Point[]): number {
  return points.reduce((sum, { model }) => sum + model, 0) / Math.max(1, points.length)
}

/** Three curves over the events; the poison is the grey field, the time held the bar at the bottom. */
function plot(): string {
  const [width, height, left, bottom] = [900, 420, 56, 48]
  const x = (at: number) => left + ((width - left - 16) * at) / events
  const y = (value: number) => height - bottom - (height - bottom - 40) * value
  const line = (of: readonly Point[], value: (point: Point) => number, color: string, dash = '') =>
    `<polyline fill="none" stroke="${color}" stroke-width="1.6" stroke-dasharray="${dash}" points="${of
      .map((point) => `${x(point.events).toFixed(1)},${y(value(point)).toFixed(1)}`)
      .join(' ')}"/>`
  const text = (at: number, down: number, words: string, more = '') =>
    `<text x="${at}" y="${down}" ${more}>${words}</text>`
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (value) =>
      `<line x1="${left}" x2="${width - 16}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/>` +
      text(left - 8, y(value) + 4, value.toFixed(2), 'text-anchor="end"'),
  )
  const marks = [0, 1, 2, 3, 4].map((quarter) =>
    text(
      x((events * quarter) / 4),
      height - 28,
      `${(events * quarter) / 4}`,
      'text-anchor="middle"',
    ),
  )
  const held = guarded.points.flatMap(({ events: at, held: is }, k) => {
    const next = guarded.points[k + 1]?.events ?? events
    return is
      ? `<rect x="${x(at)}" y="${y(0) - 7}" width="${x(next) - x(at) + 0.5}" height="7" fill="#b33"/>`
      : []
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<rect x="${x(from)}" y="${y(1)}" width="${x(to) - x(from)}" height="${y(0) - y(1)}" fill="#eee"/>`,
    ...ticks,
    ...marks,
    text(
      left,
      20,
      'Hit ratio at 10 of the newest 2,000 events, each predicted before it is learned',
    ),
    text(x(from) + 6, y(1) + 16, 'random labels'),
    ...held,
    line(clean.points, ({ model }) => model, '#999', '2 3'),
    line(free.points, ({ model }) => model, '#c60'),
    line(guarded.points, ({ model }) => model, '#06c'),
    line(guarded.points, ({ popularity }) => popularity, '#393', '6 4'),
    text(
      left,
      height - 8,
      'blue: with the gate · orange: without · green: popularity · grey: no poison · red: lists held back',
    ),
    '</svg>',
  ].join('\n')
}
