// One simulated worker: it believes what it was told of the assignment of streams, learns those that it owns by the
// log, and takes one step at a time, whenever the scheduler says so.

import { createMember, type Member } from '../../src/updates/member.ts'
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
  readonly member: Member
  /** Records of the log that it has read. */
  readonly read: number
  /** Records that it has appended, on their way to the log. */
  readonly underWay: UpdateRecord[]
  /** Events that it has counted for others. */
  readonly counted: number
  /** Has nothing to learn, to append or to read. */
  isDone(log: readonly UpdateRecord[]): boolean
  assign(streams: ReadonlySet<string>): void
  learn(events: number): void
  append(): void
  readNext(log: readonly UpdateRecord[]): void
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
    ...{ author, numbersMax, tables: model.tables, idOf },
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
    member.tables.meet(id, name)
    return id
  }

  function userOf(name: string): number {
    if (!users.has(name)) users.set(name, users.size)
    return users.get(name)!
  }

  /** Claims what was assigned and is not learned, unless a claim of it is under way. */
  function settle(): void {
    for (const stream of cursors.keys()) if (!member.owns(stream)) cursors.delete(stream)
    const wanted = [...assigned].filter((one) => !cursors.has(one) && !claimed.has(one))
    for (const stream of wanted) claimed.add(stream)
    if (wanted.length > 0) underWay.push(member.claim(new Map(wanted.map((one) => [one, 0]))))
  }

  function begin(stream: string): void {
    if (!member.owns(stream)) return
    const { position } = member.ledger.streamOf(stream)!
    cursors.set(stream, fault === 'begins too early' ? Math.max(0, position - 1) : position)
  }

  return {
    ...{ author, member, underWay },
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
      if ([...assigned].some((one) => !next.has(one))) this.append()
      assigned = next
      for (const stream of cursors.keys()) if (!next.has(stream)) cursors.delete(stream)
      settle()
    },
    learn(events) {
      if (member.isLost) return
      for (const [stream, cursor] of cursors) {
        const some = streams.get(stream)!.slice(cursor, cursor + events)
        for (const { user, item, time } of some) {
          const id = idOf(item)
          member.count(model.learn(userOf(user), id, time), id)
        }
        cursors.set(stream, cursor + some.length)
        member.done(stream, cursor + some.length)
      }
    },
    append() {
      const record = member.take()
      if (record !== undefined) underWay.push(record)
    },
    readNext(log) {
      const record = log[read]
      if (record === undefined) return
      read++
      if (fault === 'skips a record' && read === 20) return
      const { passedOver } = member.read(record)
      if (passedOver === undefined) for (const name of record.names) named.add(name)
      if (record.author === author && passedOver !== 'repeated') {
        for (const { stream } of record.claims) {
          claimed.delete(stream)
          if (assigned.has(stream)) begin(stream)
        }
      }
      if (member.isLost && member.pending === 0) {
        member.restart()
        for (const stream of cursors.keys()) begin(stream)
      }
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
