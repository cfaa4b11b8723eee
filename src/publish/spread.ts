// How different the lists are from each other, over a bounded sample: the newest list of each of the users
// served last. Exact for the sample and updated in O(list); draws nothing, so it repeats bit for bit.
//
// With c(x) lists holding item x, the pairs of lists that share x are c(c-1)/2; their sum over all items, divided
// by the number of pairs, is the mean |A ∩ B| without ever comparing two lists.

export interface SpreadOptions {
  /** Users in the sample; the one served longest ago leaves first. */
  readonly usersMax: number
  /** Of longer lists only the first items count, as many as this. */
  readonly itemsMax: number
}

export interface SpreadFigures {
  readonly users: number
  /** Share of the catalogue that is in at least one list, in [0, 1]; undefined: no list or no item. */
  readonly coverage: number | undefined
  /** Mean share of a list that another user's list holds too, in [0, 1]; undefined: fewer than two lists. */
  readonly overlap: number | undefined
  /** Seconds since the list of the sample in the middle was made, and since the oldest. */
  readonly ageMedian: number | undefined
  readonly ageOldest: number | undefined
}

export interface Spread {
  /** `generatedAt` in ms. A user's earlier list leaves the sample. */
  add(user: string | number, items: Iterable<string | number>, generatedAt: number): void
  forget(user: string | number): void
  /** `catalogue`: number of items known; `now` in ms. */
  figures(catalogue: number, now: number): SpreadFigures
  /** The users served last, newest first. */
  newest(count: number): (string | number)[]
}

interface Kept {
  readonly items: readonly (string | number)[]
  readonly generatedAt: number
}

export function createSpread({ usersMax, itemsMax }: SpreadOptions): Spread {
  const lists = new Map<string | number, Kept>()
  const counts = new Map<string | number, number>()
  let length = 0
  /** Σ c(c-1)/2. */
  let sharing = 0

  function forget(user: string | number): void {
    const kept = lists.get(user)
    if (kept === undefined) return
    lists.delete(user)
    length -= kept.items.length
    for (const item of kept.items) {
      const left = (counts.get(item) ?? 1) - 1
      sharing -= left
      if (left === 0) counts.delete(item)
      else counts.set(item, left)
    }
  }

  function add(user: string | number, given: Iterable<string | number>, generatedAt: number): void {
    forget(user)
    const distinct = new Set<string | number>()
    for (const item of given) {
      if (distinct.size === itemsMax) break
      distinct.add(item)
    }
    if (distinct.size === 0) return
    for (const item of distinct) {
      const before = counts.get(item) ?? 0
      sharing += before
      counts.set(item, before + 1)
    }
    length += distinct.size
    lists.set(user, { items: [...distinct], generatedAt })
    if (lists.size > usersMax) forget(lists.keys().next().value as string | number)
  }

  function figures(catalogue: number, now: number): SpreadFigures {
    const users = lists.size
    const pairs = (users * (users - 1)) / 2
    const ages = [...lists.values()].map((kept) => Math.max(0, now - kept.generatedAt) / 1000)
    ages.sort((a, b) => a - b)
    return {
      users,
      coverage: users === 0 || catalogue === 0 ? undefined : Math.min(1, counts.size / catalogue),
      overlap: pairs === 0 ? undefined : sharing / pairs / (length / users),
      ageMedian: ages[ages.length >> 1],
      ageOldest: ages.at(-1),
    }
  }
  return { add, forget, figures, newest: (count) => [...lists.keys()].slice(-count).reverse() }
}
