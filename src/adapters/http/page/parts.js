// Which colour each part of the score has, and what it is. A part has one name everywhere: here, in metrics, in reports.
// A feature is named after its part: `history.nbpr` is a part of its own, `trend.100` and `trend.1000` are two features
// of trend.

const meanings = {
  'history.nbpr': 'the latest items of the user, scored by NBPR',
  'history.dncr': 'the latest items of the user, scored by DNCR',
  'history.clock': 'the items of the user weighed by their age, scored by NBPR',
  'rows.nbpr': 'a learned row per user, scored by NBPR',
  'rows.dncr': 'a learned row per user, scored by DNCR',
  neighbours: 'items that often occur together with those of the user',
  trend: 'popularity of late',
  match: 'how far the item is from what the user takes, by popularity and age',
  freshness: 'how new the item is, and how long nobody has taken it',
  'hidden-layer': 'bends the sum of the parts: says when a feature counts, beside how much',
}
const colors = {
  'history.nbpr': '--c-history',
  'history.dncr': '--c-tower',
  'history.clock': '--c-clock',
  'rows.nbpr': '--c-rows',
  'rows.dncr': '--c-rows',
  neighbours: '--c-neighbours',
  trend: '--c-trend',
  match: '--c-match',
  freshness: '--c-freshness',
}

/** For a tooltip. */
export function partMeaning(part) {
  return meanings[part] ?? ''
}

export function partColor(part) {
  return `var(${colors[part] ?? '--c-other'})`
}

/** Sums the weights of features by part, in the order of the features. */
export function weightsByPart(weights) {
  const sums = new Map()
  for (const [feature, weight] of Object.entries(weights)) {
    const part = partOf(feature)
    sums.set(part, (sums.get(part) ?? 0) + weight)
  }
  return sums
}

function partOf(feature) {
  if (meanings[feature] !== undefined) return feature
  const [family] = feature.split('.')
  return family
}
