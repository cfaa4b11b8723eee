// One user: what they have, their list with the chance that each item beats the next, and why.

import { duration, element, percent, signed } from './format.js'
import { partColor } from './panels.js'

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
        list(items, parts),
      ),
      history(positives, now),
    ),
  )
}

function sourceMark(source) {
  const personal = source === 'PERSONAL'
  return element(
    'span',
    { class: `mark ${personal ? 'ok' : ''}` },
    personal ? 'personal' : 'popular: nothing known of this user',
  )
}

/** Above the columns of a wide screen; on a phone only the colours are left. */
function heads(parts) {
  const keys = parts.map((part) =>
    element(
      'li',
      {},
      element('span', { class: 'swatch block', '--swatch': partColor(part) }),
      element('span', { class: 'name' }, part),
    ),
  )
  return element(
    'li',
    { class: 'heads' },
    element('span', {}),
    element('span', {}, 'item'),
    element('span', {}, 'chance to beat the next'),
    element('ul', { class: 'keys', 'aria-label': 'what each part gave' }, ...keys),
  )
}

function list(items, parts) {
  if (items.length === 0) return element('p', { class: 'quiet' }, 'No item is left to recommend.')
  const scale = scaleOf(items)
  const rows = items.map((one, at) =>
    element(
      'li',
      {},
      element('span', { class: 'rank' }, `${at + 1}`),
      element('span', { class: 'item' }, one.item),
      beats(one.score),
      contributions(one.parts, parts, scale),
      because(one),
    ),
  )
  return element('ol', { class: 'list' }, heads(parts), ...rows)
}

function beats(score) {
  const bar = element('i', { '--share': `${score * 100}%` })
  return element(
    'span',
    { class: 'beats' },
    element('span', { class: 'track', 'aria-hidden': 'true' }, bar),
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
      class: value < 0 ? 'less' : 'more',
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

function because({ because: pulls, parts }) {
  const told = Object.entries(parts).map(([part, value]) => `${part} ${signed(value)}`)
  const line = element('span', { class: 'why' }, told.join(' · '))
  if (pulls.length === 0) return line
  line.append(' · because of ')
  pulls.forEach(({ item, gave }, at) => {
    line.append(at === 0 ? '' : ', ', element('b', {}, item), ` ${signed(gave)}`)
  })
  return line
}

function history(positives, now) {
  const rows = positives.map(({ item, timestamp }) => {
    const age = Math.max(0, (now - timestamp) / 1000)
    return element(
      'li',
      {},
      element('span', {}, item),
      element(
        'time',
        { class: 'quiet', datetime: new Date(timestamp).toISOString() },
        `${duration(age)} ago`,
      ),
    )
  })
  const title =
    positives.length === 1 ? '1 item in the history' : `${positives.length} items in the history`
  return element(
    'div',
    {},
    element('h3', {}, title),
    element('ul', { class: 'history', tabindex: '0', 'aria-label': title }, ...rows),
  )
}
