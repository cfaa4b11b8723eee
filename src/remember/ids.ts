// Dense numbers for names, in order of first appearance. Bounded: a name that finds no place is told so.

export interface Ids {
  /** The number of the name, a new one if need be, or -1 when the bound is reached. */
  of(name: string): number
  /** The number of a known name, or undefined. */
  find(name: string): number | undefined
  name(id: number): string
  readonly size: number
  /** Names that are new since the last call, in order. */
  takeNew(): string[]
}

/** `known` are names that have numbers already, e.g. from a checkpoint. */
export function createIds(max: number, known: readonly string[] = []): Ids {
  const names = known.slice()
  const ids = new Map(names.map((name, id) => [name, id]))
  let told = names.length
  return {
    of(name) {
      const found = ids.get(name)
      if (found !== undefined) return found
      if (names.length >= max) return -1
      ids.set(name, names.length)
      return names.push(name) - 1
    },
    find: (name) => ids.get(name),
    name: (id) => names[id]!,
    get size() {
      return names.length
    },
    takeNew() {
      const fresh = names.slice(told)
      told = names.length
      return fresh
    },
  }
}
