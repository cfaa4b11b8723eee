// What a mistyped name was probably meant to be.

/** Of the letters of a name, at most this many may be wrong. */
const wrongShareMax = 0.4

/** The candidate that takes the fewest changes of a letter; undefined: none is near. Signs and case do not count. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(name)
  let found: string | undefined
  let least = Math.floor(wanted.length * wrongShareMax) + 1
  for (const candidate of candidates) {
    const changes = changesBetween(wanted, plain(candidate))
    if (changes >= least) continue
    least = changes
    found = candidate
  }
  return found
}

export function didYouMean(name: string, candidates: Iterable<string>): string {
  const match = nearest(name, candidates)
  return match === undefined ? '' : `, did you mean ${match}?`
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

/** Letters added, left out, replaced or swapped with their neighbour. */
function changesBetween(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, k) => k)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      let least = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) least = Math.min(least, before[j - 2]! + 1)
      row.push(least)
    }
    before = last
    last = row
  }
  return last[b.length]!
}
