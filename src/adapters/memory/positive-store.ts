// The positive store of embedded runs: per user the newest time of each item added and removed, and of each ADD that is
// not full. Names stand in it once, as bytes, and sets are runs of numbers: a million users are a few arrays.
// Lives as long as the process; what must survive is in the checkpoint.

import { longer } from '../../arrays.ts'
import type { PositiveStore, UserLimits } from '../../ports/positive-store.ts'
import { NameTable } from '../../remember/name-table.ts'
import { Runs } from '../../remember/runs/runs.ts'
import { codeOf, fullAdd, keptState, newest, type Timed, weightedMember } from '../../strength.ts'
import type { Interaction, UserState } from '../../types.ts'

const usersPerPage = 10_000

/** Resolves at once and never fails. */
export function memoryPositiveStore(
  limits: UserLimits,
): PositiveStore & { readonly bytes: () => number } {
  const users = new CountedNames()
  const names = new CountedNames()
  const added = new TimedNames(names)
  const removed = new TimedNames(names)
  const weighted = new TimedNames(names)

  function remember(event: Interaction): void {
    const user = users.find(event.user) ?? users.use(event.user)
    const { timestamp } = event
    const code = event.action === 'ADD' ? codeOf(event) : fullAdd
    if (event.action === 'REMOVE') removed.put(user, event.item, timestamp, limits.removed)
    else if (code === fullAdd) added.put(user, event.item, timestamp, limits.added)
    else weighted.put(user, weightedMember(event.item, code), timestamp, limits.added)
  }

  function drop(gone: readonly string[]): void {
    for (const name of gone) {
      const user = users.find(name)
      if (user === undefined) continue
      for (const set of [added, removed, weighted]) set.clear(user)
      users.drop(user)
    }
  }

  function stateOf(name: string): UserState {
    const user = users.find(name)
    if (user === undefined) return keptState(name, [], [], limits)
    return keptState(name, added.of(user), removed.of(user), limits, weighted.of(user))
  }

  function* pages(): Generator<string[]> {
    for (let from = 0; from < users.length; from += usersPerPage) {
      const some = users.slice(from, Math.min(users.length, from + usersPerPage))
      const there = some.filter((name) => name !== '')
      if (there.length > 0) yield there
    }
  }

  return {
    async apply(events) {
      for (const event of events) remember(event)
    },
    forget: async (gone) => drop(gone),
    evict: drop,
    read: async (wanted) => wanted.map(stateOf),
    async *names() {
      yield* pages()
    },
    async *scan() {
      for (const page of pages()) for (const user of page) yield stateOf(user)
    },
    async close() {
      for (const page of pages()) drop(page)
    },
    bytes: () =>
      [users, names, added, removed, weighted].reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

/** Names with numbers, for as long as somebody uses them. */
export class CountedNames {
  private readonly names = new NameTable()
  private uses: Int32Array = new Int32Array(256)
  /** Numbers that stand for nothing. */
  private readonly vacant: number[] = []

  /** Numbers given so far. */
  get length(): number {
    return this.names.length
  }

  get bytes(): number {
    return this.names.bytes + this.uses.byteLength
  }

  /** '': the number stands for nothing now. */
  name(id: number): string {
    return this.names.name(id)
  }

  slice(from: number, to: number): string[] {
    return this.names.slice(from, to)
  }

  find(name: string): number | undefined {
    return this.names.find(name)
  }

  /** The number of a name that is used once more. */
  use(name: string): number {
    const id = this.names.find(name) ?? this.add(name)
    this.uses[id]!++
    return id
  }

  /** It is used once less. */
  drop(id: number): void {
    if (--this.uses[id]! > 0) return
    this.names.rename(id, '')
    this.vacant.push(id)
  }

  private add(name: string): number {
    const id = this.vacant.pop()
    if (id !== undefined) {
      this.names.rename(id, name)
      return id
    }
    if (this.names.length === this.uses.length) {
      this.uses = longer(this.uses, 2 * this.uses.length)
    }
    return this.names.push(name)
  }
}

export class TimedNames {
  private readonly names: CountedNames
  /** Not in order of time but of arrival, as in a Map. Nothing depends on where they lie. */
  private readonly runs = new Runs(undefined, 0)
  private users = 0

  constructor(names: CountedNames) {
    this.names = names
  }

  get bytes(): number {
    return this.runs.bytes
  }

  /** The newest time of a name counts. About `limit` names are kept. */
  put(user: number, name: string, time: number, limit: number): void {
    const { runs, names } = this
    this.reach(user)
    const known = names.find(name)
    const place = known === undefined ? -1 : runs.placeOf(user, known)
    if (place >= 0) {
      const slot = runs.start[user]! + place
      runs.times.put(slot, Math.max(runs.times.at(slot), time))
      return
    }
    runs.insert(user, runs.length[user]!, names.use(name), time)
    // Trimming sorts, so it waits until an eighth more than the limit has gathered.
    if (runs.length[user]! > limit + Math.max(16, limit / 8)) this.trim(user, limit)
  }

  /** In order of arrival. */
  of(user: number): Timed[] {
    if (user >= this.users) return []
    const { runs, names } = this
    const start = runs.start[user]!
    return Array.from(runs.itemsOf(user), (id, k) => [names.name(id), runs.times.at(start + k)])
  }

  clear(user: number): void {
    if (user >= this.users) return
    for (const id of this.runs.itemsOf(user)) this.names.drop(id)
    this.runs.clear(user)
  }

  private trim(user: number, limit: number): void {
    const kept = newest(this.of(user), limit)
    const ids = kept.map(([name]) => this.names.use(name))
    this.clear(user)
    kept.forEach(([, time], k) => {
      this.runs.insert(user, k, ids[k]!, time)
    })
  }

  private reach(user: number): void {
    if (user < this.users) return
    this.users = user + 1
    this.runs.growUsers(this.users)
  }
}
