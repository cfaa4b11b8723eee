// How numbers and times read on the page, and the two that are shown in several places. Nothing here touches the
// document except element().

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

export const nothing = '–'

export function count(value) {
  if (value === undefined || value === null) return nothing
  return Math.abs(value) < 100_000 ? whole.format(value) : compact.format(value)
}

export function rate(value) {
  if (value === undefined || value === null) return nothing
  return value > 0 && value < 10 ? value.toFixed(1) : count(value)
}

export function ratio(value) {
  return value === undefined || value === null ? nothing : value.toFixed(3)
}

export function percent(value) {
  return value === undefined || value === null ? nothing : `${(value * 100).toFixed(0)} %`
}

export function seconds(value) {
  if (value === undefined || value === null) return nothing
  if (value < 0.9995) return `${(value * 1000).toFixed(0)} ms`
  if (value < 100) return `${value.toFixed(1)} s`
  return duration(value)
}

export function duration(value) {
  const units = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ]
  const at = units.findIndex(([size]) => value >= size)
  if (at === -1) return '0 s'
  const [size, name] = units[at]
  const [small, smaller] = units[at + 1] ?? []
  const left = small === undefined ? 0 : Math.floor((value % size) / small)
  const head = `${Math.floor(value / size)} ${name}`
  return left === 0 ? head : `${head} ${left} ${smaller}`
}

/** `3 h ago`, and the day once that says more. */
export function ago(timestamp, now) {
  const age = Math.max(0, (now - timestamp) / 1000)
  return age < 60 * 86_400 ? `${duration(age)} ago` : new Date(timestamp).toISOString().slice(0, 10)
}

const toMinute = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const toSecond = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const withDay = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

/** All three in the reader's time zone, by 24 hours. */
export const timeToMinute = (timestamp) => toMinute.format(timestamp)
export const timeToSecond = (timestamp) => toSecond.format(timestamp)
export const dayAndTime = (timestamp) => withDay.format(timestamp)

export function bytes(value) {
  const steps = ['B', 'KB', 'MB', 'GB', 'TB']
  let at = 0
  let left = value
  while (left >= 1000 && at < steps.length - 1) {
    left /= 1000
    at += 1
  }
  return `${at === 0 || left >= 100 ? left.toFixed(0) : left.toFixed(1)} ${steps[at]}`
}

export function signed(value) {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`
}

/** HR@10 over the newest events; undefined: none scored yet. */
export function hitRatio({ trainer }, ranker) {
  const sums = trainer?.quality.window?.[ranker]
  return sums === undefined || sums.events === 0 ? undefined : sums.hits / sums.events
}

/** Median seconds from an event to its list; where none is out yet, to the step that learned it. */
export function eventToList({ freshness }) {
  return freshness.published ?? freshness.learned
}

/** element('li', { class: 'x' }, 'text', child): texts are only ever set as text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('--')) made.style.setProperty(key, value)
    else made.setAttribute(key, value)
  }
  made.append(...children)
  return made
}
