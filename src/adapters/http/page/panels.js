// The figures beside the curves: tiles, parts, records, lists, checkpoint, conditions.

import {
  bytes,
  count,
  duration,
  element,
  eventToList,
  hitRatio,
  nothing,
  percent,
  rate,
  ratio,
  seconds,
} from './format.js'
import { partsTable, qualityTable } from './tables.js'

/** Shedding is shown from this share of the work on, as in the log. */
const shedShown = 0.05

export function renderTiles(host, state, columns) {
  const { freshness, trainer } = state
  const last = (name) => columns?.[name].at(-1)
  const tiles = [
    quality(state),
    pace(state, last('eventsPerSecond')),
    tile(
      'Event to list',
      seconds(eventToList(state)),
      `learned after ${seconds(freshness.learned)}`,
    ),
    tile('Users', count(trainer?.users), `${count(trainer?.items)} items`),
  ]
  // Some sources cannot know how much is left to read.
  if (state.lagRecords !== undefined) {
    tiles.splice(3, 0, tile('Waiting in the input', count(state.lagRecords), behind(state)))
  }
  host.replaceChildren(...tiles)
}

/** A file is read as fast as it can be: its events are not late, however old they are. */
function behind({ live, lagSeconds, lagRecords }) {
  if (live) return `${seconds(lagSeconds)} behind`
  return lagRecords === 0 ? 'everything is read' : 'records not read yet'
}

/** Of what has finished: over the whole run. */
function pace({ startedAt, finishedAt, books: { consumed } }, newest) {
  const name = 'Events a second'
  if (finishedAt === undefined) return tile(name, rate(newest), `${count(consumed)} so far`)
  const seconds = Math.max(finishedAt - startedAt, 1) / 1000
  return tile(name, rate(consumed / seconds), `${count(consumed)} in all`)
}

function quality(state) {
  const [model, popularity] = [hitRatio(state, 'model'), hitRatio(state, 'popularity')]
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

/** What fails, in words, at the top of the page. The pill announces it; this changes every second and does not. */
export function renderTrouble(host, { conditions: all }) {
  const failing = all.filter(({ ok, name }) => !ok && name !== 'gate')
  host.hidden = failing.length === 0
  host.replaceChildren(
    ...failing.map(({ name, detail }) =>
      element('li', {}, element('b', {}, name), element('span', {}, detail)),
    ),
  )
}

export function renderPanels(host, state) {
  host.replaceChildren(
    panel('What the score is made of', 'double', partsTable(state.trainer)),
    panel('Quality so far', 'double', qualityTable(state.trainer)),
    panel('Records', '', records(state)),
    panel('Keeping up', '', keepingUp(state)),
    panel('Learning and lists', '', learning(state)),
    panel('Checkpoint and gate', '', keeping(state)),
    panel('Conditions', 'double', conditions(state.conditions)),
  )
}

function panel(title, more, content) {
  return element('section', { class: `card ${more}` }, element('h3', {}, title), content)
}

function facts(rows) {
  const cells = rows.flatMap(([name, value, total]) => {
    const className = total ? 'total' : 'row'
    return [element('dt', { class: className }, name), element('dd', { class: className }, value)]
  })
  return element('dl', { class: 'facts' }, ...cells)
}

function records({ books: { consumed, applied, forgotten, deadLettered, skipped } }) {
  const inProgress = Math.max(0, consumed - applied - forgotten - deadLettered - skipped)
  return facts([
    ['applied', count(applied)],
    ['users forgotten', count(forgotten)],
    ['dead-lettered', count(deadLettered)],
    ['skipped', count(skipped)],
    ['in progress', count(inProgress)],
    ['consumed', count(consumed), true],
  ])
}

/** What is still to be read of a backlog, and what overload has shed and is still owed. */
function keepingUp({ catchUp, lagRecords, trainer }) {
  const rows = [['backlog', backlog(catchUp, lagRecords)]]
  if (catchUp !== undefined) {
    rows.push(
      ['records to go', count(catchUp.recordsLeft)],
      ['records a second', rate(catchUp.recordsPerSecond)],
      ['time left', catchUp.secondsLeft === undefined ? nothing : duration(catchUp.secondsLeft)],
    )
  }
  rows.push(['work shed', percent(trainer?.shedShare)], ['events owed', count(trainer?.debtEvents)])
  if (trainer?.debtGivenUp > 0) rows.push(['owed and given up', count(trainer.debtGivenUp)])
  rows.push(['lists late', count(trainer?.listsLate)])
  return facts(rows)
}

function backlog(catchUp, lagRecords) {
  if (catchUp !== undefined) return `${Math.floor(100 * catchUp.share)} % read`
  return lagRecords > 0 ? 'none, only live records wait' : 'none'
}

/** While a backlog is read no list goes out; while work is shed the model learns less than it could. Both in a line. */
export function keepingUpText({ catchUp, trainer, finishedAt }) {
  if (finishedAt !== undefined) return ''
  if (catchUp !== undefined) {
    const { share, recordsLeft, recordsPerSecond, secondsLeft } = catchUp
    const left = secondsLeft === undefined ? '' : `, about ${duration(secondsLeft)} left`
    return (
      `Catching up with the backlog: ${Math.floor(100 * share)} % read, ${count(recordsLeft)} records to go at ` +
      `${rate(recordsPerSecond)} a second${left}. Its lists follow at the end.`
    )
  }
  if ((trainer?.shedShare ?? 0) < shedShown) return ''
  return (
    `More events arrive than can be learned: ${percent(trainer.shedShare)} of the work is shed, ` +
    `${count(trainer.debtEvents)} events are owed and learned when there is time.`
  )
}

/** Where an item feed says what may be listed. */
function unlisted(trainer) {
  if (!trainer?.itemsUnlisted && !trainer?.listsWithdrawn) return []
  return [
    ['items that may not be listed', count(trainer.itemsUnlisted)],
    ['lists made again without them', count(trainer.listsWithdrawn)],
  ]
}

function learning({ trainer, lists }) {
  return facts([
    ['lists, personal', count(lists.personal)],
    ['lists, popular', count(lists.popular)],
    ['catalogue in lists', percent(lists.coverage)],
    ['items two users share', percent(lists.overlap)],
    ...unlisted(trainer),
    ['triplets learned', count(trainer?.triplets)],
    ['loss', ratio(trainer?.loss)],
    ['time spent learning', percent(trainer?.learningShare)],
  ])
}

function keeping({ checkpoint, gate, trainer, now }) {
  const rows = [['publish gate', gate.enabled ? (gate.paused ? 'paused' : 'open') : 'off']]
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
