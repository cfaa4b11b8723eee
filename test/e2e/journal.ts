// A stream of events made from a seed, with what must become of it computed from the stream alone: the positive
// sets, the records that belong in the dead letters. Knows nothing of the worker.

import { createRandom } from '../../src/sample/random.ts'
import type { Interaction } from '../../src/types.ts'
import { createCodec } from '../../src/wire/avro.ts'
import { interactionSchema } from '../../src/wire/schemas.ts'

export interface JournalOptions {
  readonly events: number
  readonly users: number
  readonly items: number
  readonly seed: number
  /** One record in this many cannot be used. */
  readonly badEvery?: number
  /** One record in this many asks to forget its user. */
  readonly forgetEvery?: number
  readonly form?: Form
  readonly startMs?: number
}

export type Form =
  | { readonly kind: 'avro' }
  | { readonly kind: 'json' }
  | { readonly kind: 'confluent'; readonly schemaId: number }

export interface Entry {
  readonly key: string
  readonly value: Buffer | null
  /** undefined: a bad record, or a wish to forget (value null). */
  readonly event: Interaction | undefined
}

const codec = createCodec<Interaction>(interactionSchema)
/** Events come up to this much out of order. */
const disorderMs = 60_000

export function makeJournal(options: JournalOptions): Entry[] {
  const { events, users, items, seed, badEvery = 0, forgetEvery = 0 } = options
  const random = createRandom(seed, 'journal')
  const encode = encoder(options.form ?? { kind: 'avro' })
  const startMs = options.startMs ?? 1_600_000_000_000
  return Array.from({ length: events }, (_, k): Entry => {
    const user = `user-${random.below(users)}`
    // Some items are much more popular than others.
    const item = `item-${Math.floor(items * random.unit() ** 2)}`
    const timestamp = startMs + k * 100 + random.below(disorderMs)
    const action = random.below(8) === 0 ? 'REMOVE' : 'ADD'
    const event: Interaction = { user, item, timestamp, action }
    if (badEvery > 0 && k % badEvery === badEvery - 1) {
      return { key: user, value: spoiled(event, encode, (k / badEvery) | 0), event: undefined }
    }
    if (forgetEvery > 0 && k % forgetEvery === forgetEvery - 1) {
      return { key: user, value: null, event: undefined }
    }
    return { key: user, value: encode(event), event }
  })
}

type Encode = (event: Interaction) => Buffer

function encoder(form: Form): Encode {
  if (form.kind === 'json') return (event) => Buffer.from(JSON.stringify(event))
  const plain: Encode = (event) => Buffer.from(codec.encode(event))
  if (form.kind === 'avro') return plain
  const frame = Buffer.alloc(5)
  frame.writeInt32BE(form.schemaId, 1)
  return (event) => Buffer.concat([frame, plain(event)])
}

function spoiled(event: Interaction, encode: Encode, kind: number): Buffer {
  const whole = encode(event)
  if (kind % 4 === 0) return Buffer.alloc(0)
  if (kind % 4 === 1) return whole.subarray(0, whole.length - 3)
  if (kind % 4 === 2) return encode({ ...event, timestamp: 0 })
  return encode({ ...event, item: 'a\u0007b' })
}

/** One user's set while the events of the user go by in the order of the topic. */
export interface Follower {
  apply(entry: Entry): void
  has(item: string): boolean
  owned(): string[]
}

export function followUser(): Follower {
  let newest = new Map<string, { time: number; added: boolean }>()
  return {
    apply({ value, event }) {
      if (value === null) newest = new Map()
      if (event === undefined) return
      const before = newest.get(event.item)
      const added = event.action === 'ADD'
      // The newest time wins, a tie goes to removal.
      const wins =
        before === undefined ||
        event.timestamp > before.time ||
        (event.timestamp === before.time && !added)
      if (wins) newest.set(event.item, { time: event.timestamp, added })
    },
    has: (item) => newest.get(item)?.added === true,
    owned: () => [...newest].filter(([, { added }]) => added).map(([item]) => item),
  }
}

/** What everybody has after all entries. Users without anything are left out. */
export function setsAfter(entries: Iterable<Entry>): Map<string, string[]> {
  const followers = new Map<string, Follower>()
  for (const entry of entries) {
    const follower = followers.get(entry.key) ?? followUser()
    followers.set(entry.key, follower)
    follower.apply(entry)
  }
  const sets = new Map<string, string[]>()
  for (const [user, follower] of followers) {
    const owned = follower.owned()
    if (owned.length > 0) sets.set(user, owned.sort())
  }
  return sets
}
