// The tables of the page: what the score is made of and how good each part is, the model against its opponents, and what
// applications have asked for.

import { count, element, nothing, ratio, seconds } from './format.js'
import { partColor, partMeaning, weightsByPart } from './parts.js'

/** Each part: its weight, how well it ranks alone, and how well the model ranks without it. */
export function partsTable(trainer) {
  const sums = weightsByPart(trainer?.weights ?? {})
  if (sums.size === 0) return element('p', { class: 'quiet' }, 'one network: no parts to weigh')
  const most = Math.max(...[...sums.values()].map(Math.abs), 1e-9)
  const window = trainer.quality.window
  const rows = [...sums].map(([part, weight]) => {
    const share = (50 * Math.abs(weight)) / most
    const bar = element('i', {
      '--from': `${weight < 0 ? 50 - share : 50}%`,
      '--share': `${share}%`,
      '--fill': partColor(part),
    })
    return [
      element('span', { title: partMeaning(part) }, part),
      element('span', { class: 'track around', 'aria-hidden': 'true' }, bar),
      weight.toFixed(2).replace('-', '−'),
      hitRatio(window[part]),
      hitRatio(window[`without.${part}`]),
    ]
  })
  const heads = ['HR@10', '', 'weight', 'alone', 'without']
  const whole = ['the model', '', '', hitRatio(window.model), '']
  if (window[layer] === undefined) return table(heads, [...rows, whole], 'weights')
  const name = element('span', { title: partMeaning(layer) }, layer)
  const sum = hitRatio(window[`without.${layer}`])
  const bent = [name, '', '', hitRatio(window[layer]), sum]
  const note =
    `The sum of all parts, before the hidden layer bends it, has ${sum}: ` +
    'compare with that what is left of the sum without a part.'
  return element(
    'div',
    {},
    table(heads, [...rows, bent, whole], 'weights'),
    element('p', { class: 'quiet' }, note),
  )
}

const layer = 'hidden-layer'

const opponents = [
  ['model', 'the model'],
  ['itemKnn', 'ItemKNN'],
  ['popularity', 'popularity'],
  ['recent', 'recent'],
]
const segments = [
  ['window', 'newest'],
  ['all', 'all'],
  ['warm', 'warm'],
  ['cold', 'cold'],
]

/** HR@10 by kind of user, and NDCG@10 of the newest. */
export function qualityTable(trainer) {
  const quality = trainer?.quality ?? {}
  const rows = opponents.map(([ranker, name]) => [
    name,
    ...segments.map(([segment]) => hitRatio(quality[segment]?.[ranker])),
    mean(quality.window?.[ranker], 'ndcg'),
  ])
  return table(['HR@10', ...segments.map(([, name]) => name), 'NDCG@10'], rows, 'quality')
}

const asked = {
  list: "a user's list",
  rank: 'a history',
  similar: 'similar items',
  popular: 'popular items',
  explain: 'why a list',
}
const refusals = {
  not_ready: 'not ready',
  busy: 'too many at once',
  invalid: 'not understood',
  unknown: 'nothing known',
}

/** Requests for lists by what they asked for, how long the newest took, and those that got none. */
export function askedTable({ answered, refused }) {
  const rows = answered.map(({ operation, requests, median, p99 }) => [
    asked[operation] ?? operation,
    count(requests),
    seconds(median),
    seconds(p99),
  ])
  const without = refused.map(({ reason, requests }) => [
    `refused: ${refusals[reason] ?? reason}`,
    count(requests),
    '',
    '',
  ])
  return table(['asked for', 'requests', 'median', 'p99'], [...rows, ...without], 'asked')
}

function hitRatio(sums) {
  return mean(sums, 'hits')
}

function mean(sums, of) {
  return sums === undefined || sums.events === 0 ? nothing : ratio(sums[of] / sums.events)
}

function table(heads, rows, name) {
  // A narrow column may break before the @.
  const head = heads.map((text) => {
    const [measure, ...at] = text.split(/(?=@)/)
    const rest = at.flatMap((more) => [element('wbr'), more])
    return element('th', { scope: 'col' }, measure, ...rest)
  })
  const body = rows.map(([first, ...cells]) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, first),
      ...cells.map((cell) => element('td', {}, cell)),
    ),
  )
  const whole = element(
    'table',
    { class: `figures ${name}` },
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...body),
  )
  // Wider than a phone: it scrolls by itself, the page does not.
  return element(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': name },
    whole,
  )
}
