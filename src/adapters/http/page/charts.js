// The four live curves. One crosshair for all of them; the keys show the value under it, or the newest.

import { count, element, nothing, rate, ratio, seconds } from './format.js'

const charts = [
  {
    title: 'Hit ratio at 10',
    hint: 'the newest 2,000 events, each ranked among 100 others before it is learned',
    format: ratio,
    ticks: (value) => value.toFixed(2),
    least: 0.02,
    series: [
      { key: 'model', label: 'model', color: '--c-model', width: 2.5, fill: true },
      { key: 'itemKnn', label: 'item kNN', color: '--c-knn', width: 1.5 },
      { key: 'popularity', label: 'popularity', color: '--c-popularity', width: 1.5, dash: [6, 4] },
      { key: 'recent', label: 'recent', color: '--c-recent', width: 1.5, dash: [2, 3] },
    ],
  },
  {
    title: 'Throughput',
    hint: 'per second, over the last 5 seconds',
    format: rate,
    least: 1,
    series: [
      { key: 'eventsPerSecond', label: 'events', color: '--c-model', width: 2, fill: true },
      { key: 'listsPerSecond', label: 'lists', color: '--c-recent', width: 2 },
    ],
  },
  {
    title: 'Event to published list',
    hint: 'median of the newest lists',
    format: seconds,
    least: 0.01,
    series: [{ key: 'freshness', label: 'median', color: '--c-model', width: 2, fill: true }],
  },
  {
    title: 'Waiting in the input',
    hint: 'lag: records not read yet',
    empty: 'a topic says how much waits, a file does not',
    format: count,
    least: 1,
    series: [{ key: 'lag', label: 'records', color: '--c-knn', width: 2, fill: true }],
  },
]

export function createCharts(host) {
  let drawn = []
  let columns
  const draw = () => {
    for (const one of drawn) one.stop()
    host.replaceChildren()
    drawn = charts.map((chart) => createChart(host, chart))
    if (columns !== undefined) for (const one of drawn) one.update(columns)
  }
  draw()
  // The colours of a canvas do not follow the style sheet by themselves.
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw)
  return (next) => {
    columns = next
    for (const one of drawn) one.update(next)
  }
}

function createChart(host, chartOf) {
  const { title, hint, empty: none = 'nothing measured yet' } = chartOf
  const { format, ticks = format, least, series } = chartOf
  const keys = series.map(({ label, color, dash }) => {
    const value = element('span', { class: 'value' }, nothing)
    const swatch = element('span', {
      class: dash === undefined ? 'swatch' : 'swatch dashed',
      '--swatch': `var(${color})`,
    })
    const line = element('li', {}, swatch, element('span', { class: 'name' }, label), value)
    return { line, value }
  })
  const list = element('ul', { class: 'keys' }, ...keys.map(({ line }) => line))
  const plot = element('div', {
    class: 'plot empty',
    role: 'img',
    'aria-label': title,
    'data-empty': none,
  })
  const about = element('p', { class: 'quiet hint' }, hint)
  const caption = element('figcaption', {}, element('h3', {}, title), list, about)
  host.append(element('figure', { class: 'curve' }, caption, plot))

  let data = [[], ...series.map(() => [])]
  const show = (at) => {
    const shown = series.map((_, k) => format(valueAt(data[k + 1], at)))
    keys.forEach(({ value }, k) => {
      value.textContent = shown[k]
    })
    const told = series.map(({ label }, k) => `${label} ${shown[k]}`).join(', ')
    plot.setAttribute('aria-label', `${title}: ${told}`)
  }
  let chart
  const resize = new ResizeObserver(() => chart?.setSize(sizeOf(plot)))
  resize.observe(plot)

  return {
    update(columns) {
      data = [columns.time, ...series.map(({ key }) => columns[key])]
      const empty =
        columns.time.length < 2 ||
        series.every(({ key }) => columns[key].every((value) => value === null))
      plot.classList.toggle('empty', empty)
      show(chart?.cursor.idx)
      if (empty) return
      chart ??= new uPlot(optionsOf(plot, { series, ticks, least, show }), data, plot)
      chart.setData(data)
    },
    stop() {
      resize.disconnect()
      chart?.destroy()
    },
  }
}

function optionsOf(plot, { series, ticks, least, show }) {
  const style = getComputedStyle(document.documentElement)
  const color = (name) => style.getPropertyValue(name).trim()
  const axis = {
    stroke: color('--quiet'),
    font: '12px system-ui, sans-serif',
    ticks: { show: false },
  }
  return {
    ...sizeOf(plot),
    legend: { show: false },
    padding: [8, 30, 0, 0],
    cursor: { sync: { key: 'worker' }, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { y: { range: (_, __, max) => [0, Math.max(max * 1.12, least)] } },
    axes: [
      { ...axis, size: 26, grid: { show: false }, space: 90, values: (_, at) => at.map(clock) },
      {
        ...axis,
        size: 58,
        grid: { stroke: color('--line'), width: 1 },
        values: (_, at) => at.map(ticks),
      },
    ],
    series: [
      {},
      ...series.map((one) => ({
        label: one.label,
        stroke: color(one.color),
        width: one.width,
        dash: one.dash,
        fill: one.fill ? `${color(one.color)}1f` : undefined,
        points: { show: false },
        spanGaps: true,
      })),
    ],
    hooks: { setCursor: [(self) => show(self.cursor.idx)] },
  }
}

function valueAt(column, at) {
  if (at !== undefined && at !== null) return column[at]
  return column.findLast((value) => value !== null)
}

const timeOfDay = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const withSeconds = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

function clock(seconds) {
  return (seconds % 60 === 0 ? timeOfDay : withSeconds).format(seconds * 1000)
}

function sizeOf(plot) {
  return { width: plot.clientWidth, height: plot.clientHeight }
}
