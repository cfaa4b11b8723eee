// What the parts of the score are called and which colour each has. A feature is named after its part:
// `history.nbpr` is a part of its own, `trend.100` and `trend.1000` are two features of trend.

const names = {
  'history.nbpr': 'history, NBPR',
  'history.dncr': 'history, DNCR',
  'history.clock': 'history by the clock',
  'rows.nbpr': 'user row, NBPR',
  'rows.dncr': 'user row, DNCR',
  neighbours: 'neighbours',
  trend: 'trend',
}
const colors = {
  'history.nbpr': '--c-history',
  'history.dncr': '--c-tower',
  'history.clock': '--c-clock',
  'rows.nbpr': '--c-rows',
  'rows.dncr': '--c-rows',
  neighbours: '--c-neighbours',
  trend: '--c-trend',
}

export function partName(part) {
  return names[part] ?? part
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
  if (names[feature] !== undefined) return feature
  const [family] = feature.split('.')
  return family
}
