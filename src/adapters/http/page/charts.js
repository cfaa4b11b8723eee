// The live curves. One crosshair for all of them; the keys show the value under it, or the newest: the same that the
// tiles and tables show.

import {
  count,
  element,
  eventToList,
  hitRatio,
  nothing,
  rate,
  ratio,
  seconds,
  timeToMinute,
  timeToSecond,
} from './format.js'

const charts = [
  {
    title: 'Hit ratio at 10',
    hint: 'the newest 2,000 events, each ranked among 100 others before it is learned',
    format: ratio,
    ticks: (value) => value.toFixed(2),
    least: 0.02,
    series: [
      { key: 'model', label: 'model', color: '--c-model', width: 2.5, fill: true },
      { key: 'itemKnn', label: 'ItemKNN', color: '--c-knn', width: 1.5 },
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
    format: count,
    least: 1,
    series: [{ key: 'lag', label: 'records', color: '--c-knn', width: 2, fill: true }],
    // Some sources cannot know how much is left: there is nothing to draw then.
    fits: (state) => state.lagRecords !== undefined,
  },
]

/** The newest value of a curve, read from the state itself: a point of a curve may be older, or a mean. */
const newest = {
  model: (state) => hitRatio(state, 'model'),
  itemKnn: (state) => hitRatio(state, 'itemKnn'),
  popularity: (state) => hitRatio(state, 'popularity'),
  recent: (state) => hitRatio(state, 'recent'),
  freshness: eventToList,
  lag: (state) => state.lagRecords,
}

export function createCharts(host) {
  let drawn = []
  let fitting = 0
  let told
  const draw = () => {
    for (const one of drawn) one.stop()
    host.replaceChildren()
    const shown = charts.filter(({ fits }) => fits?.(told.state) !== false)
    drawn = shown.map((chart) => createChart(host, chart))
    fitting = shown.length
  }
  const update = () => {
    for (const one of drawn) one.update(told)
  }
  // The colours of a canvas do not follow the style sheet by themselves.
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    if (told === undefined) return
    draw()
    update()
  })
  return (columns, state) => {
    told = { columns, state }
    if (charts.filter(({ fits }) => fits?.(state) !== false).length !== fitting) draw()
    update()
  }
}

function createChart(host, chartOf) {
  const { title, hint } = chartOf
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
    'data-empty': 'nothing measured yet',
  })
  const about = element('p', { class: 'quiet hint' }, hint)
  const caption = element('figcaption', {}, element('h3', {}, title), list, about)
  host.append(element('figure', { class: 'curve' }, caption, plot))

  let data = [[], ...series.map(() => [])]
  let state
  const show = (at) => {
    const shown = series.map(({ key }, k) => {
      const pointed = at !== undefined && at !== null
      return format(pointed ? data[k + 1][at] : (newest[key]?.(state) ?? lastOf(data[k + 1])))
    })
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
    update({ columns, state: now }) {
      state = now
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

function lastOf(column) {
  return column.findLast((value) => value !== null)
}

function clock(seconds) {
  return seconds % 60 === 0 ? timeToMinute(seconds * 1000) : timeToSecond(seconds * 1000)
}

function sizeOf(plot) {
  return { width: plot.clientWidth, height: plot.clientHeight }
}
