// One user: what they have, their list with the chance that each item beats the next, and why. Each line opens:
// what every part gave to the item and to the next one, so that the lead is seen to add up.

import { ago, dayAndTime, element, percent, signed } from './format.js'
import { partColor, partMeaning } from './parts.js'

export function renderUser(host, { user, positives, source, items }, now) {
  const parts = [...new Set(items.flatMap((one) => Object.keys(one.parts)))]
  host.replaceChildren(
    element(
      'div',
      { class: 'answer' },
      element(
        'div',
        {},
        element('h3', {}, `List for ${user}`, sourceMark(source)),
        keys(parts),
        list(items, parts),
      ),
      history(positives, items, now),
    ),
  )
}

function sourceMark(source) {
  const personal = source === 'PERSONAL'
  return element(
    'span',
    { class: `mark ${personal ? 'ok' : 'warm'}` },
    personal ? 'personal' : 'popular: nothing known of this user',
  )
}

function keys(parts) {
  if (parts.length === 0) return ''
  const lines = parts.map((part) =>
    element(
      'li',
      {},
      element('span', { class: 'swatch block', '--swatch': partColor(part) }),
      element('span', { class: 'name', title: partMeaning(part) }, part),
    ),
  )
  return element('ul', { class: 'keys of-parts', 'aria-label': 'colours of the parts' }, ...lines)
}

function list(items, parts) {
  if (items.length === 0) return element('p', { class: 'quiet' }, 'No item is left to recommend.')
  const scale = scaleOf(items)
  const rows = items.map((one, at) => {
    const next = items[at + 1]
    const line = element(
      'summary',
      {},
      element('span', { class: 'rank' }, `${at + 1}`),
      element('span', { class: 'item' }, one.item),
      beats(one.beatsNext, next),
      parts.length === 0 ? '' : contributions(one.parts, parts, scale),
      because(one.because),
    )
    const detail = element('details', {}, line, lead(one, next, parts))
    return element('li', {}, detail)
  })
  rows[0].firstElementChild.open = true
  return element('ol', { class: 'list' }, ...rows)
}

function beats(score, next) {
  const bar = element('i', { '--share': `${score * 100}%` })
  const whom = next === undefined ? 'the rest' : next.item
  return element(
    'span',
    { class: 'beats' },
    element('span', { class: 'quiet whom' }, `beats ${whom}`),
    element('span', { class: 'track half', 'aria-hidden': 'true' }, bar),
    element('span', { class: 'value' }, percent(score)),
  )
}

/** The same scale for all items: the longest stack to the left of zero and the longest to its right. */
function scaleOf(items) {
  const sums = items.map(({ parts }) => {
    const values = Object.values(parts)
    const up = values.filter((value) => value > 0).reduce((sum, value) => sum + value, 0)
    const down = values.filter((value) => value < 0).reduce((sum, value) => sum - value, 0)
    return { up, down }
  })
  const up = Math.max(...sums.map((one) => one.up))
  const down = Math.max(...sums.map((one) => one.down))
  const width = up + down || 1
  return { zero: down / width, unit: 1 / width }
}

function contributions(given, parts, { zero, unit }) {
  const ends = { up: zero, down: zero }
  const told = parts.map((part) => `${part} ${signed(given[part] ?? 0)}`).join(', ')
  const bars = parts.map((part) => {
    const value = given[part] ?? 0
    const share = Math.abs(value) * unit
    const from = value >= 0 ? ends.up : ends.down - share
    if (value >= 0) ends.up += share
    else ends.down -= share
    return element('i', {
      '--from': `${from * 100}%`,
      '--share': `${share * 100}%`,
      '--fill': partColor(part),
    })
  })
  const line = element('i', { class: 'zero', '--from': `${zero * 100}%` })
  return element(
    'span',
    { class: 'parts', role: 'img', 'aria-label': told, title: told },
    ...bars,
    line,
  )
}

function because(pulls) {
  if (pulls.length === 0) return ''
  const line = element('span', { class: 'why' }, 'pulled up by ')
  pulls.forEach(({ item, gave }, at) => {
    line.append(at === 0 ? '' : ', ', element('b', {}, item), ` ${signed(gave)}`)
  })
  return line
}

/** What each part gave to the item and to the one it beats, and by how much it leads. */
function lead(one, next, parts) {
  if (parts.length === 0) {
    return element('p', { class: 'quiet lead' }, 'Compared pair by pair: there is no sum of parts.')
  }
  const cells = (name, ...values) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, ...name),
      ...values.map((value) => element('td', {}, value)),
    )
  const sum = (of) => parts.reduce((total, part) => total + (of.parts[part] ?? 0), 0)
  const rows = parts.map((part) => {
    const name = [
      element('span', { class: 'swatch block', '--swatch': partColor(part) }),
      ` ${part}`,
    ]
    const [ours, theirs] = [one.parts[part] ?? 0, next?.parts[part] ?? 0]
    if (next === undefined) return cells(name, signed(ours))
    return cells(name, signed(ours), signed(theirs), signed(ours - theirs))
  })
  const total =
    next === undefined
      ? cells(['together'], signed(sum(one)))
      : cells(['together'], signed(sum(one)), signed(sum(next)), signed(sum(one) - sum(next)))
  total.className = 'total'
  const heads = next === undefined ? ['part', one.item] : ['part', one.item, next.item, 'lead']
  const head = element('tr', {}, ...heads.map((text) => element('th', { scope: 'col' }, text)))
  const table = element(
    'table',
    { class: 'figures' },
    element('thead', {}, head),
    element('tbody', {}, ...rows, total),
  )
  const told =
    next === undefined ? '' : `The lead makes it ${percent(one.beatsNext)}: 1 / (1 + e^(−lead)).`
  return element('div', { class: 'lead' }, table, element('p', { class: 'quiet' }, told))
}

function history(positives, items, now) {
  const pulled = new Map()
  for (const { item } of items.flatMap((one) => one.because)) {
    pulled.set(item, (pulled.get(item) ?? 0) + 1)
  }
  const rows = positives.map(({ item, timestamp }) => {
    const times = pulled.get(item)
    const at = new Date(timestamp)
    return element(
      'li',
      {},
      element('span', { class: times === undefined ? '' : 'pulling' }, item),
      times === undefined ? '' : element('span', { class: 'mark of' }, `${times} of the list`),
      element(
        'time',
        { class: 'quiet', datetime: at.toISOString(), title: dayAndTime(timestamp) },
        ago(timestamp, now),
      ),
    )
  })
  const title =
    positives.length === 1 ? '1 item in the history' : `${positives.length} items in the history`
  return element(
    'div',
    {},
    element('h3', {}, title),
    element('p', { class: 'quiet' }, 'Newest first; marked: how many of the list it pulled up.'),
    element('ul', { class: 'history', tabindex: '0', 'aria-label': title }, ...rows),
  )
}
