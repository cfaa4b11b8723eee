// The figures below the curves: parts, records, lists, what may be listed and is asked for, checkpoint, conditions.

import {
  bytes,
  count,
  duration,
  element,
  nothing,
  percent,
  rate,
  ratio,
  seconds,
} from './format.js'
import { askedTable, partsTable, qualityTable } from './tables.js'

/** Shedding is shown from this share of the work on, as in the log. */
const shedShown = 0.05

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
    ...(isAsked(state) ? [panel('Lists on request', 'double', askedTable(state.api))] : []),
    panel('Conditions', 'double', conditions(state.conditions)),
    ...(hasItemFeed(state) ? [panel('What may be listed', '', listable(state))] : []),
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

function records({ books: { consumed, applied, forgotten, deadLettered, skipped }, kinds }) {
  const inProgress = Math.max(0, consumed - applied - forgotten - deadLettered - skipped)
  return facts([
    ['applied', count(applied)],
    ['users forgotten', count(forgotten)],
    ['dead-lettered', count(deadLettered)],
    ['skipped', count(skipped)],
    ['in progress', count(inProgress)],
    ['consumed', count(consumed), true],
    ...kinds.map(({ action, events }) => [kindName(action), count(events)]),
  ])
}

/** Events of a record are counted one by one, so they need not add up to the records. */
function kindName(action) {
  return action === '*' ? 'events of other actions' : `events: ${action}`
}

/** What is still to be read of a backlog, what overload has shed and is still owed, and who else learns the model. */
function keepingUp({ catchUp, lagRecords, trainer, group }) {
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
  if (group !== undefined) rows.push(...sharing(group))
  return facts(rows)
}

const othersShown = 8

/** The update log, by which several workers learn one model. */
function sharing({ author, share, behindRecords, others }) {
  const names = others
    .slice(0, othersShown)
    .map(({ author: other, secondsAgo }) => `${other} (${duration(secondsAgo)} ago)`)
  if (others.length > othersShown) names.push(`${count(others.length - othersShown)} more`)
  return [
    ['update log read', share < 1 ? percent(share) : `all but ${count(behindRecords)} records`],
    ['this worker', author],
    ['other workers', names.length === 0 ? 'none within a minute' : names.join(', ')],
  ]
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
    const pace = `${rate(recordsPerSecond)} a second, about ${duration(secondsLeft)} left`
    return (
      `Catching up with the backlog: ${Math.floor(100 * share)} % read, ${count(recordsLeft)} records to go` +
      `${secondsLeft === undefined ? '' : ` at ${pace}`}. Its lists follow at the end.`
    )
  }
  if ((trainer?.shedShare ?? 0) < shedShown) return ''
  return (
    `More events arrive than can be learned: ${percent(trainer.shedShare)} of the work is shed, ` +
    `${count(trainer.debtEvents)} events are owed and learned when there is time.`
  )
}

const isAsked = ({ api }) => api?.answered.length + api?.refused.length > 0

function hasItemFeed({ itemFeed, trainer }) {
  return trainer?.itemsUnlisted > 0 || Object.values(itemFeed ?? {}).some((records) => records > 0)
}

/** What an item feed says, and what came of it. */
function listable({ itemFeed, trainer }) {
  const { available, unavailable, gone, refused, unkept } = itemFeed
  const rows = [
    ['items out of lists now', count(trainer?.itemsUnlisted)],
    ['lists made again without them', count(trainer?.listsWithdrawn)],
    ['records: available', count(available)],
    ['records: unavailable', count(unavailable)],
    ['records: gone', count(gone)],
    ['records passed over', count(refused)],
  ]
  if (unkept > 0) rows.push(['words without room', count(unkept)])
  return facts(rows)
}

function learning({ trainer, lists }) {
  return facts([
    ['lists, personal', count(lists.personal)],
    ['lists, popular', count(lists.popular)],
    ['catalogue in lists', percent(lists.coverage)],
    ['items two users share', percent(lists.overlap)],
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
