// A line chart as one SVG file that stands alone: no script, no outside font, light and dark by the reader's setting,
// a title and a description for those who do not see it, and no series told by its colour alone.

import { type Axis, linearAxis, logAxis } from './ticks.ts'

export interface ChartSeries {
  readonly name: string
  /** Hollow and dashed, in the colour of the series it is held beside. */
  readonly isPaper: boolean
  /** Series of one key have one colour and one mark. */
  readonly key: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
  /** A value for every x, instead of points. */
  readonly level?: number
}

export interface Chart {
  readonly title: string
  readonly about: string
  readonly xLabel: string
  readonly yLabel: string
  readonly xScale: 'linear' | 'log'
  readonly series: readonly ChartSeries[]
}

const [width, height] = [850, 460]
const frame = { left: 70, right: 590, top: 48, bottom: 400 }
const legend = { left: 610, step: 22 }
const xTicks = 8
const yTicks = 6

const light = [
  '#005fa8',
  '#b04a00',
  '#00734f',
  '#8a2fa8',
  '#b3202c',
  '#00707d',
  '#6f5600',
  '#4d5763',
]
const dark = [
  '#6db5ff',
  '#ff9f5a',
  '#4fd1a1',
  '#d59bf0',
  '#ff8a8f',
  '#5fd3e0',
  '#e0c15a',
  '#b4bec9',
]

/** Marks around (0, 0), one for each place in the list of colours. */
const marks = [
  'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z',
  'M-3.5-3.5h7v7h-7z',
  'M0-4.6L4.4 3.4h-8.8z',
  'M0-5L5 0L0 5L-5 0z',
  'M0 4.6L4.4-3.4h-8.8z',
  'M-4.5-1.5h3v-3h3v3h3v3h-3v3h-3v-3h-3z',
  'M-2-4.5h4l2.5 4.5l-2.5 4.5h-4l-2.5-4.5z',
  'M-5-2h10v4h-10z',
]

/** Without a single value there is nothing to draw: a RangeError. */
export function lineChart(chart: Chart): string {
  const points = chart.series.flatMap((one) => one.points)
  const levels = chart.series.flatMap(({ level }) => (level === undefined ? [] : [level]))
  const xs = points.map(({ x }) => x)
  const ys = [...points.map(({ y }) => y), ...levels]
  if (ys.length === 0) throw new RangeError(`${chart.title}: no value to draw`)
  const abscissa = xs.length === 0 ? [1, 2] : xs
  const x = chart.xScale === 'log' ? logAxis(abscissa) : linearAxis(abscissa, xTicks)
  const y = linearAxis(ys, yTicks)
  const keys = [...new Set(chart.series.map(({ key }) => key))]
  const styleOf = (key: string): number => keys.indexOf(key) % marks.length
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
      'role="img" aria-labelledby="title about">',
    `<title id="title">${text(chart.title)}</title>`,
    `<desc id="about">${text(chart.about)}</desc>`,
    `<style>${style()}</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    `<text class="heading" x="${frame.left}" y="26">${text(chart.title)}</text>`,
    ...grid(x, y),
    label(chart.xLabel, (frame.left + frame.right) / 2, height - 18),
    `<g transform="translate(20 ${(frame.top + frame.bottom) / 2}) rotate(-90)">${label(chart.yLabel, 0, 0)}</g>`,
    ...chart.series.map((one) => line(one, styleOf(one.key), x, y)),
    ...chart.series.map((one, row) => entry(one, styleOf(one.key), row)),
    '</svg>',
    '',
  ].join('\n')
}

function style(): string {
  const colours = (of: readonly string[]) =>
    of.map((colour, s) => `.s${s}{stroke:${colour};fill:${colour}}`).join('')
  const ground = (paper: string, ink: string, muted: string, rule: string) =>
    `.ground,.hollow{fill:${paper}}text{fill:${ink}}.tick{fill:${muted}}.rule{stroke:${rule}}.line{fill:none}`
  return [
    "text{font:13px system-ui,'Segoe UI',sans-serif}.heading{font-size:16px;font-weight:600}",
    '.middle{text-anchor:middle}.end{text-anchor:end}.rule{stroke-width:1}.mark{stroke-width:1.5}',
    '.line{stroke-width:2;stroke-linejoin:round}.paper{stroke-dasharray:5 4}.level{stroke-dasharray:1.5 3}',
    colours(light),
    ground('#ffffff', '#1b1f24', '#59636e', '#dde2e8'),
    '@media (prefers-color-scheme:dark){',
    colours(dark),
    ground('#14181d', '#e8edf2', '#9aa5b1', '#323a43'),
    '}',
  ].join('')
}

const across = (axis: Axis, value: number) =>
  frame.left + axis.place(value) * (frame.right - frame.left)
const up = (axis: Axis, value: number) =>
  frame.bottom - axis.place(value) * (frame.bottom - frame.top)
const at = (value: number) => value.toFixed(1)

function grid(x: Axis, y: Axis): string[] {
  const rows = y.ticks.flatMap((tick) => {
    const place = at(up(y, tick))
    return [
      `<path class="rule" d="M${frame.left} ${place}H${frame.right}"/>`,
      `<text class="tick end" x="${frame.left - 8}" y="${place}" dy=".35em">${number(tick)}</text>`,
    ]
  })
  const columns = x.ticks.flatMap((tick) => {
    const place = at(across(x, tick))
    return [
      `<path class="rule" d="M${place} ${frame.bottom}v5"/>`,
      `<text class="tick middle" x="${place}" y="${frame.bottom + 20}">${number(tick)}</text>`,
    ]
  })
  return [...rows, ...columns]
}

function line({ name, points, level, isPaper }: ChartSeries, s: number, x: Axis, y: Axis): string {
  if (level !== undefined) {
    const place = at(up(y, level))
    return (
      `<path class="line level s${s}" d="M${frame.left} ${place}H${frame.right}"/>` +
      `<text class="tick" x="${frame.left + 6}" y="${place}" dy="-.4em">${text(name)}</text>`
    )
  }
  const places = points.map((point) => `${at(across(x, point.x))} ${at(up(y, point.y))}`)
  const joined = `<path class="line${isPaper ? ' paper' : ''} s${s}" d="M${places.join('L')}"/>`
  return [places.length > 1 ? joined : '', ...places.map((place) => mark(s, isPaper, place))].join(
    '',
  )
}

function mark(s: number, isPaper: boolean, place: string): string {
  return `<path class="mark s${s}${isPaper ? ' hollow' : ''}" d="${marks[s]}" transform="translate(${place})"/>`
}

function entry({ name, isPaper, level }: ChartSeries, s: number, row: number): string {
  const top = frame.top + 8 + row * legend.step
  const kind = level !== undefined ? ' level' : isPaper ? ' paper' : ''
  return [
    `<path class="line${kind} s${s}" d="M${legend.left} ${top}h26"/>`,
    level === undefined ? mark(s, isPaper, `${legend.left + 13} ${top}`) : '',
    `<text x="${legend.left + 34}" y="${top}" dy=".35em">${text(name)}</text>`,
  ].join('')
}

function label(words: string, x: number, y: number): string {
  return `<text class="middle" x="${x}" y="${y}">${text(words)}</text>`
}

function number(value: number): string {
  return Math.abs(value) < 1 && value !== 0
    ? String(value).replace(/^(-?)0/, '$1')
    : value.toLocaleString('en-US')
}

function text(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
