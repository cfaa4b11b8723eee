// The course of a poisoned stream as an SVG: three curves over the events; the poison is the grey field, the time held
// the bar at the bottom.

import type { Course, Point } from '../publish/poisoned.ts'

export interface Courses {
  readonly clean: Course
  readonly free: Course
  readonly guarded: Course
}

export interface PlotBounds {
  readonly events: number
  /** Of the poison, in events. */
  readonly from: number
  readonly to: number
}

export function plot({ clean, free, guarded }: Courses, { events, from, to }: PlotBounds): string {
  const [width, height, left, bottom, right] = [900, 420, 56, 48, 32]
  const x = (at: number) => left + ((width - left - right) * at) / events
  const y = (value: number) => height - bottom - (height - bottom - 40) * value
  const line = (of: readonly Point[], value: (point: Point) => number, color: string, dash = '') =>
    `<polyline fill="none" stroke="${color}" stroke-width="1.6" stroke-dasharray="${dash}" points="${of
      .map((point) => `${x(point.events).toFixed(1)},${y(value(point)).toFixed(1)}`)
      .join(' ')}"/>`
  const text = (at: number, down: number, words: string, more = '') =>
    `<text x="${at}" y="${down}" ${more}>${words}</text>`
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (value) =>
      `<line x1="${left}" x2="${width - right}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/>` +
      text(left - 8, y(value) + 4, value.toFixed(2), 'text-anchor="end"'),
  )
  const marks = [0, 1, 2, 3, 4].map((quarter) =>
    text(
      x((events * quarter) / 4),
      height - 28,
      ((events * quarter) / 4).toLocaleString('en-US'),
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
