// The five figures at the top of the page.

import { count, element, eventToList, hitRatio, rate, ratio, seconds } from './format.js'

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
