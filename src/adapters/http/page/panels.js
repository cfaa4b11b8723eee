// The figures beside the curves: tiles, parts, books, lists, checkpoint, conditions.

import { bytes, count, duration, element, percent, rate, ratio, seconds } from './format.js'

export function renderTiles(host, state, columns) {
  const { freshness, trainer } = state
  const last = (name) => columns?.[name].at(-1)
  host.replaceChildren(
    quality(trainer),
    tile('Events a second', rate(last('eventsPerSecond')), `${count(state.books.consumed)} so far`),
    tile(
      'Event to list',
      seconds(freshness.published ?? freshness.learned),
      `learned after ${seconds(freshness.learned)}`,
    ),
    tile('Waiting', count(state.lagRecords), `${seconds(state.lagSeconds)} behind`),
    tile('Users', count(trainer?.users), `${count(trainer?.items)} items`),
  )
}

function quality(trainer) {
  const window = trainer?.quality.window ?? {}
  const at = (ranker) => {
    const sums = window[ranker]
    return sums === undefined || sums.events === 0 ? undefined : sums.hits / sums.events
  }
  const [model, popularity] = [at('model'), at('popularity')]
  if (model === undefined) return tile('Hit ratio at 10', ratio(model), 'nothing scored yet')
  if (!popularity) return tile('Hit ratio at 10', ratio(model), 'no baseline yet')
  const better = model / popularity
  const tone = better >= 1 ? 'good' : 'bad'
  return tile('Hit ratio at 10', ratio(model), `${better.toFixed(2)} × popularity`, tone)
}

function tile(name, figure, more, tone = 'plain') {
  return element(
    'div',
    { class: 'tile' },
    element('dt', {}, name),
    element('dd', { class: 'figure' }, ...unitApart(figure)),
    element('dd', { class: 'more quiet', 'data-tone': tone }, more),
  )
}

/** `120 ms` with a small unit. */
function unitApart(text) {
  const [value, ...unit] = text.split(' ')
  return unit.length === 0 ? [text] : [value, element('small', {}, unit.join(' '))]
}

export function renderPanels(host, state) {
  host.replaceChildren(
    panel('What the score is made of', weights(state.trainer?.weights ?? {})),
    panel('The books', books(state)),
    panel('Learning and lists', learning(state)),
    panel('Safe keeping', keeping(state)),
    element(
      'section',
      { class: 'card wide' },
      element('h3', {}, 'Conditions'),
      conditions(state.conditions),
    ),
  )
}

function panel(title, ...content) {
  return element('section', { class: 'card' }, element('h3', {}, title), ...content)
}

export function partColor(part) {
  const known = ['history', 'rows', 'neighbours', 'trend']
  const [family] = part.split('.')
  return `var(--c-${known.includes(family) ? family : 'other'})`
}

function weights(byPart) {
  // Features are named after their part: trend.100 is one of trend.
  const sums = new Map()
  for (const [feature, weight] of Object.entries(byPart)) {
    const [part] = feature.split('.')
    sums.set(part, (sums.get(part) ?? 0) + weight)
  }
  const parts = [...sums]
  if (parts.length === 0) return element('p', { class: 'quiet' }, 'no part has reported yet')
  const most = Math.max(...parts.map(([, weight]) => Math.abs(weight)), 1e-9)
  const rows = parts.map(([part, weight]) => {
    const share = `${(100 * Math.abs(weight)) / most}%`
    const bar = element('i', { '--share': share, '--fill': partColor(part) })
    return element(
      'li',
      {},
      element('span', {}, part),
      element('span', { class: 'track', 'aria-hidden': 'true' }, bar),
      element('span', { class: 'value' }, weight.toFixed(2)),
    )
  })
  return element('ul', { class: 'weights' }, ...rows)
}

function facts(rows) {
  const cells = rows.flatMap(([name, value, total]) => {
    const className = total ? 'total' : 'row'
    return [element('dt', { class: className }, name), element('dd', { class: className }, value)]
  })
  return element('dl', { class: 'facts' }, ...cells)
}

function books({ books: { consumed, applied, forgotten, deadLettered, skipped } }) {
  const inHand = Math.max(0, consumed - applied - forgotten - deadLettered - skipped)
  return facts([
    ['applied', count(applied)],
    ['users forgotten', count(forgotten)],
    ['dead-lettered', count(deadLettered)],
    ['skipped', count(skipped)],
    ['in hand', count(inHand)],
    ['consumed', count(consumed), true],
  ])
}

function learning({ trainer, lists }) {
  return facts([
    ['lists, personal', count(lists.personal)],
    ['lists, popular', count(lists.popular)],
    ['catalogue in lists', percent(lists.coverage)],
    ['shared between users', percent(lists.overlap)],
    ['triplets learned', count(trainer?.triplets)],
    ['loss', ratio(trainer?.loss)],
    ['busy learning', percent(trainer?.learningShare)],
  ])
}

function keeping({ checkpoint, gate, trainer, now }) {
  const rows = [['publish gate', gate.enabled ? (gate.held ? 'held' : 'open') : 'off']]
  if (checkpoint !== undefined) {
    const age = Math.max(0, (now - checkpoint.savedAt) / 1000)
    rows.push(
      ['checkpoint', `no. ${count(checkpoint.generation)}`],
      ['saved', `${duration(age)} ago`],
      ['size', bytes(checkpoint.bytes)],
      ['took', seconds(checkpoint.seconds)],
    )
  } else rows.push(['checkpoint', 'none yet'])
  if (trainer !== undefined) rows.push(['model in memory', bytes(trainer.bytes)])
  return facts(rows)
}

function conditions(all) {
  const rows = all.map(({ name, ok, detail }) =>
    element(
      'li',
      {},
      element('span', { class: `mark ${ok ? 'ok' : 'failing'}` }, ok ? name : `${name}: no`),
      element('span', { class: 'quiet' }, detail),
    ),
  )
  return element('ul', { class: 'conditions' }, ...rows)
}
