// What must hold of everything that came out, given the stream that went in: sets, dead letters and lists.

import { deadLetterHeaders } from '../../src/adapters/kafka/dead-letter-sink.ts'
import { decodeList } from '../../src/publish/encode.ts'
import type { TopList } from '../../src/types.ts'
import { type Entry, followUser, setsAfter } from './journal.ts'
import { entryHeader, type Scene } from './scene.ts'

export interface Verdict {
  /** (user, item) pairs that the store lacks, and that it has too many. */
  readonly missing: number
  readonly extra: number
  readonly planted: number
  /** Distinct records in the dead letters; `wrong` were not planted. */
  readonly deadLetters: number
  readonly wrongLetters: number
  /** One sentence per fault of a list. */
  readonly listFaults: readonly string[]
  /** Users with something in their set who have no list. */
  readonly unlisted: number
}

/** `entries`: as they stand in the input, which says where each of them landed. */
export async function verify(scene: Scene, entries: readonly Entry[], k = 10): Promise<Verdict> {
  const wanted = setsAfter(entries)
  const found = await scene.sets()
  const [missing, extra] = [lacking(wanted, found), lacking(found, wanted)]
  const placed = await placesOf(scene, entries)
  const planted = new Set(
    placed
      .filter(({ entry }) => isBad(entry))
      .map(({ partition, offset }) => `${partition}/${offset}`),
  )
  const letters = await lettersOf(scene)
  const wrong = [...letters].filter((place) => !planted.has(place)).length
  const { faults, newest } = await checkLists(scene, placed, k)
  const unlisted = [...wanted.keys()].filter((user) => !newest.has(user)).length
  return {
    ...{ missing, extra, planted: planted.size, deadLetters: letters.size },
    ...{ wrongLetters: wrong, listFaults: faults, unlisted },
  }
}

function isBad({ value, event }: Entry): boolean {
  return value !== null && event === undefined
}

function lacking(
  wanted: ReadonlyMap<string, readonly string[]>,
  found: ReadonlyMap<string, readonly string[]>,
): number {
  let count = 0
  for (const [user, items] of wanted) {
    const has = new Set(found.get(user) ?? [])
    count += items.filter((item) => !has.has(item)).length
  }
  return count
}

async function lettersOf(scene: Scene): Promise<Set<string>> {
  const found = new Set<string>()
  for (const { headers } of await scene.kafka.read(scene.letters)) {
    const { partition, offset } = deadLetterHeaders
    found.add(`${headers?.[partition]}/${headers?.[offset]}`)
  }
  return found
}

interface Placed {
  readonly entry: Entry
  readonly partition: number
  readonly offset: number
}

/** A record that was sent again stands in the topic twice, as the same entry. */
async function placesOf(scene: Scene, entries: readonly Entry[]): Promise<Placed[]> {
  const placed: Placed[] = []
  for (const { partition, message } of await scene.kafka.readPlaced(scene.input)) {
    const entry = entries[Number(message.headers?.[entryHeader])]
    if (entry !== undefined) placed.push({ entry, partition, offset: Number(message.offset) })
  }
  return placed
}

/** Versions never go back, K distinct items (once there are as many), none that the user had at the place told of. */
async function checkLists(scene: Scene, placed: readonly Placed[], k: number) {
  const faults: string[] = []
  const byUser = groupedBy(placed, ({ entry }) => entry.key)
  const newest = new Map<string, TopList | null>()
  const versions = new Map<string, number>()
  for (const message of await scene.kafka.read(scene.lists)) {
    const user = String(message.key)
    if (message.value === null) {
      newest.set(user, null)
      continue
    }
    const list = decodeList(message.value)
    const before = versions.get(user) ?? -1
    if (list.modelVersion < before) {
      faults.push(`${user}: version ${list.modelVersion} after ${before}`)
      continue
    }
    versions.set(user, list.modelVersion)
    newest.set(user, list)
    const least = list.items.length < k ? leastItems(list, placed, k) : k
    faults.push(...faultsOf(list, byUser.get(user) ?? [], least, k))
  }
  return { faults, newest }
}

/** The fewest items that a list may hold: below k at the start, as many as were surely there to list, and stayed. */
function leastItems({ user, position }: TopList, placed: readonly Placed[], k: number): number {
  const removed = new Set<string>()
  const forgotten = new Set<string>()
  const own = new Set<string>()
  for (const { event, key, value } of placed.map(({ entry }) => entry)) {
    if (value === null) forgotten.add(key)
    if (event?.action === 'REMOVE') removed.add(`${key} ${event.item}`)
    if (event !== undefined && key === user) own.add(event.item)
  }
  const sure = new Set<string>()
  for (const { partition, offset, entry } of placed) {
    const { event, key } = entry
    if (event === undefined || forgotten.has(key)) continue
    if (!position.stream.endsWith(`/${partition}`)) continue
    if (offset > position.offset || own.has(event.item)) continue
    if (!removed.has(`${key} ${event.item}`)) sure.add(event.item)
  }
  return Math.min(k, sure.size)
}

function faultsOf(list: TopList, own: readonly Placed[], least: number, k: number): string[] {
  const { user, items, position } = list
  const names = new Set(items.map(({ item }) => item))
  const faults: string[] = []
  if (items.length < least || items.length > k || names.size !== items.length) {
    faults.push(`${user}: ${names.size} items, at least ${least} were there`)
  }
  if (items.some(({ score }) => !(score >= 0 && score <= 1))) faults.push(`${user}: a score`)
  const partition = Number(position.stream.slice(position.stream.lastIndexOf('/') + 1))
  const follower = followUser()
  for (const one of own) {
    if (one.partition === partition && one.offset <= position.offset) follower.apply(one.entry)
  }
  const owned = items.filter(({ item }) => follower.has(item))
  if (owned.length > 0) {
    const place = `${position.stream}@${position.offset}`
    const ownedNames = new Set(owned.map(({ item }) => item))
    const events = own
      .filter(({ entry }) => ownedNames.has(entry.event?.item ?? ''))
      .map(({ entry, offset }) => `${entry.event?.action} ${entry.event?.item}@${offset}`)
    faults.push(`${user}: has ${owned.length} of the list at ${place}: ${events.join(', ')}`)
  }
  return faults
}

function groupedBy<T>(all: readonly T[], key: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const group = groups.get(key(one))
    if (group === undefined) groups.set(key(one), [one])
    else group.push(one)
  }
  return groups
}
