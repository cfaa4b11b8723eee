// Of items that users have by ADDs that are not full: the newest time of each strength, so that a removal takes back
// exactly those that are not newer. What an item is worth is the highest weight among them, and it may be listed while
// all of them are listable. Items without any of them were added in full and are not here: where actions have no
// weights, all of this is empty.

import type { Tensor } from '../../ports/checkpoint-store.ts'
import { type LiveState, stateOf } from '../../ports/live-state.ts'
import { fullAdd, isListable, weightOf } from '../../strength.ts'
import { NewestTimes } from './removals.ts'

/** Strengths that are told apart, from the first start on; a further one counts as the nearest of them. */
export const strengthsMax = 16

/** What is read of a user: item, newest time and code. */
export type Weighted = readonly [item: number, time: number, code: number]

export class Strengths {
  /** Strength n of item i stands as item i · strengthsMax + n. */
  private readonly times = new NewestTimes()
  private codes: number[] = []
  /** Covers users 0 … users-1: only as far as anybody has had such items. */
  private users = 0

  get bytes(): number {
    return this.codes.length === 0 ? 0 : this.times.bytes
  }

  /** Whether the user has an item that was not only added in full. */
  any(user: number): boolean {
    return this.times.count(user) > 0
  }

  /** Whether the item was not only added in full. */
  has(user: number, item: number): boolean {
    return this.codes.some((_, n) => this.timeOf(user, item, n) !== undefined)
  }

  /** Of an item that the user has. */
  weight(user: number, item: number): number {
    let most = 0
    if (this.any(user)) {
      for (let n = 0; n < this.codes.length; n++) {
        const weight = weightOf(this.codes[n]!)
        if (weight > most && this.timeOf(user, item, n) !== undefined) most = weight
      }
    }
    return most === 0 ? 1 : most
  }

  /** Of an item that the user has: whether nothing keeps it out of lists. */
  isListable(user: number, item: number): boolean {
    if (!this.any(user)) return false
    let listable = false
    for (let n = 0; n < this.codes.length; n++) {
      if (this.timeOf(user, item, n) === undefined) continue
      if (!isListable(this.codes[n]!)) return false
      listable = true
    }
    return listable
  }

  /** Notes an ADD of an item that is the user's by now. False: it says nothing new. */
  add(user: number, item: number, code: number, time: number): boolean {
    const at = item * strengthsMax + this.numberOf(code)
    if ((this.times.get(user, at) ?? Number.NEGATIVE_INFINITY) >= time) return false
    if (user >= this.users) {
      this.users = user + 1
      this.times.growUsers(this.users)
    }
    this.times.set(user, at, time)
    return true
  }

  /** ADDs of the item up to this time are taken back. False: there were none. */
  undo(user: number, item: number, upTo: number): boolean {
    let undone = false
    if (!this.any(user)) return undone
    for (let n = 0; n < this.codes.length; n++) {
      const time = this.timeOf(user, item, n)
      if (time === undefined || time > upTo) continue
      undone = this.times.delete(user, item * strengthsMax + n)
    }
    return undone
  }

  /** ADDs of all items up to this time are taken back. False: there were none. */
  undoAll(user: number, upTo: number): boolean {
    if (this.times.oldestTime(user) > upTo) return false
    while (this.times.oldestTime(user) <= upTo) this.times.dropOldest(user)
    return true
  }

  /** The user does not have the item any more. */
  drop(user: number, item: number): void {
    this.undo(user, item, Number.POSITIVE_INFINITY)
  }

  clear(user: number): void {
    this.times.clear(user)
  }

  private timeOf(user: number, item: number, n: number): number | undefined {
    return this.times.get(user, item * strengthsMax + n)
  }

  private numberOf(code: number): number {
    const known = this.codes.indexOf(code)
    if (known >= 0) return known
    if (this.codes.length < strengthsMax) return this.codes.push(code) - 1
    const alike = this.codes.filter((one) => isListable(one) === isListable(code))
    const among = alike.length > 0 ? alike : this.codes
    const far = (one: number) => Math.abs(weightOf(one) - weightOf(code))
    return this.codes.indexOf(among.reduce((a, b) => (far(b) < far(a) ? b : a)))
  }

  state(): LiveState {
    const rest = () => {
      const data = Int32Array.from(this.codes)
      return new Map([['strengths.codes', { shape: [data.length], data }]])
    }
    return stateOf([this.times.state(() => this.users, 'strengths'), { live: [], rest }])
  }

  /** Older checkpoints have none. */
  restore(tensors: ReadonlyMap<string, Tensor>): void {
    const codes = tensors.get('strengths.codes')
    if (codes === undefined) return
    this.codes = [...codes.data]
    this.users = tensors.get('strengths.start')?.data.length ?? 0
    this.times.restore(tensors, this.users, 'strengths')
  }
}

/** What a checkpoint holds of ADDs that are not full, and of full ones of the same items. */
export function readStrengths(tensors: ReadonlyMap<string, Tensor>): (user: number) => Weighted[] {
  const read = (name: string) => tensors.get(`strengths.${name}`)?.data ?? new Int32Array(0)
  const [codes, start, length] = [read('codes'), read('start'), read('length')]
  const [items, times] = [read('items'), read('times')]
  return (user) => {
    const first = start[user] ?? 0
    return Array.from({ length: length[user] ?? 0 }, (_, place) => {
      const at = items[first + place]!
      const code = codes[at % strengthsMax] ?? fullAdd
      return [Math.floor(at / strengthsMax), times[first + place]!, code] as const
    })
  }
}
