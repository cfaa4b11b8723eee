// One simulated worker: it believes what it was told of the assignment of streams, learns those that it owns by the
// log, and takes one step at a time, whenever the scheduler says so.

import { createMember } from '../../src/updates/member.ts'
import type { UpdateRecord } from '../../src/updates/record.ts'
import type { SimulatedEvent, SimulatedModel } from './model.ts'

/** What is broken on purpose, to see that it is found. */
export type Fault =
  | 'skips a record'
  | 'one name for two'
  | 'begins too early'
  | 'mixes up two items'

export type Streams = ReadonlyMap<string, readonly SimulatedEvent[]>

export interface SimulatedWorker {
  readonly author: string
  /** Up to where it knows the stream to be learned. */
  positionOf(stream: string): number
  /** Records of the log that it has read. */
  readonly read: number
  /** Records that it has appended, on their way to the log. */
  readonly underWay: UpdateRecord[]
  /** Events that it has counted for others; undefined: it does not know. */
  readonly counted: number | undefined
  /** Has nothing to learn, to append or to read. */
  isDone(log: readonly UpdateRecord[]): boolean
  assign(streams: ReadonlySet<string>): void
  learn(events: number): void
  append(): void
  /** Reads the next `records` records at once, or all that there are if fewer. */
  readNext(log: readonly UpdateRecord[], records: number): void
  /** Writes a checkpoint, from which whoever comes after it starts; left out: that begins with nothing. */
  save?(): void
  /** The base of every row, by the names of the tables and items. */
  base(): string
  /** How far a value is from its base at most: |value - base| / (1 + |base|). */
  distance(): number
}

export function createSimulatedWorker(
  author: string,
  streams: Streams,
  model: SimulatedModel,
  numbersMax: number,
  fault: Fault | undefined,
): SimulatedWorker {
  const ids = new Map<string, number>()
  const users = new Map<string, number>()
  const underWay: UpdateRecord[] = []
  /** Of the streams that it learns, the offset of the next event. */
  const cursors = new Map<string, number>()
  const claimed = new Set<string>()
  /** Items that the log has named. */
  const named = new Set<string>()
  let assigned: ReadonlySet<string> = new Set()
  let counted = 0
  let read = 0

  const member = createMember({
    ...{ author, numbersMax, tables: model.tables },
    nameOf: (id) => [...ids.keys()][id]!,
    count(history, item) {
      counted++
      model.count(history, item)
    },
  })

  function idOf(name: string): number {
    const known = ids.get(fault === 'mixes up two items' && name === 'i3' ? 'i2' : name)
    if (known !== undefined) {
      if (!ids.has(name)) ids.set(name, known)
      return known
    }
    const id = ids.size
    ids.set(name, id)
    model.grow(ids.size)
    member.tables.meet(id, [name])
    return id
  }

  function userOf(name: string): number {
    if (!users.has(name)) users.set(name, users.size)
    return users.get(name)!
  }

  /** Claims what was assigned and is not learned, unless a claim of it is under way. */
  function settle(): void {
    for (const stream of cursors.keys()) if (!member.streams.has(stream)) cursors.delete(stream)
    const wanted = [...assigned].filter((one) => !cursors.has(one) && !claimed.has(one))
    for (const stream of wanted) claimed.add(stream)
    if (wanted.length > 0) underWay.push(member.claim(new Map(wanted.map((one) => [one, 0]))))
  }

  function begin(stream: string): void {
    if (cursors.has(stream)) return
    const { position } = member.ledger.streamOf(stream)!
    cursors.set(stream, fault === 'begins too early' ? Math.max(0, position - 1) : position)
  }

  return {
    ...{ author, underWay },
    positionOf: (stream) => member.ledger.streamOf(stream)?.position ?? 0,
    get read() {
      return read
    },
    get counted() {
      return counted
    },
    isDone(log) {
      const all = [...assigned].every((one) => cursors.get(one) === streams.get(one)!.length)
      return read === log.length && all && underWay.length === 0 && member.pending === 0
    },
    assign(next) {
      // Whoever gives up a stream in good order appends what it has learned of it.
      if ([...assigned].some((one) => !next.has(one))) {
        this.append()
        member.release()
        cursors.clear()
      }
      assigned = next
      settle()
    },
    learn(events) {
      if (member.isLost) return
      for (const [stream, cursor] of cursors) {
        const some = streams.get(stream)!.slice(cursor, cursor + events)
        for (const { user, item, time } of some) {
          const [own, id] = [userOf(user), idOf(item)]
          const history = model.learn(own, id, time)
          member.count({ stream, user: own, item: id, history, weight: 1 })
        }
        cursors.set(stream, cursor + some.length)
        member.done(stream, cursor + some.length)
      }
    },
    append() {
      const record = member.take()
      if (record !== undefined) underWay.push(record)
    },
    readNext(log, records) {
      const next = log.slice(read, read + records)
      const skipped = fault === 'skips a record' && read < 20 ? 19 - read : -1
      read += next.length
      const seen = next.filter((_, k) => k !== skipped)
      const { verdicts, again } = member.read(
        seen.map((record) => ({ record, ids: Int32Array.from(record.names, idOf) })),
      )
      seen.forEach(({ author: by, names, claims }, k) => {
        const { passedOver } = verdicts[k]!
        if (passedOver === undefined) for (const name of names) named.add(name)
        if (by !== author || passedOver === 'repeated') return
        for (const { stream } of claims) claimed.delete(stream)
      })
      for (const stream of member.streams.names) begin(stream)
      for (const { user, item } of again) model.learnAgain(user, item)
      settle()
    },
    base() {
      const rows: string[] = []
      for (const { name, shift, rows: count } of model.tables) {
        const row = (r: number, of: string): void => {
          rows.push(
            `${name} ${of}: ${Buffer.from(member.tables.baseOf(name, r).buffer).toString('hex')}`,
          )
        }
        for (let r = 0; r < (shift ?? count); r++) row(r, `row ${r}`)
        if (shift !== undefined) for (const item of named) row(shift + ids.get(item)!, item)
      }
      return rows.sort().join('\n')
    },
    distance() {
      let largest = 0
      for (const { name, shift, rows, pieces } of model.tables) {
        const end = shift === undefined ? rows : shift + ids.size
        for (let r = 0; r < end; r++) {
          const now = pieces().flatMap(({ values, width }) => {
            return [...values.subarray(r * width, (r + 1) * width)]
          })
          const base = member.tables.baseOf(name, r)
          now.forEach((value, d) => {
            largest = Math.max(largest, Math.abs(value - base[d]!) / (1 + Math.abs(base[d]!)))
          })
        }
      }
      return largest
    },
  }
}
