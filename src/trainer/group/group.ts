// Learning as one of a group: what the update log says of the streams decides which events are learned here, and what
// was learned goes to the log and comes back from it. All of it happens on the trainer's side, between two events, so a
// checkpoint holds the model, what was counted and the place in the log of one moment.

import { Failure } from '../../errors.ts'
import type { Checkpoint } from '../../ports/checkpoint-store.ts'
import type { LiveState } from '../../ports/live-state.ts'
import type { GroupSpec, GroupState, UpdateBatch } from '../../requests.ts'
import { encodeUpdate } from '../../updates/encode.ts'
import { createMember } from '../../updates/member.ts'
import type { LearnedEvent } from '../../updates/naming.ts'
import type { InputState } from '../loop/input-state.ts'
import type { Learner } from '../model/learner.ts'
import { groupTablesOf } from './group-tables.ts'
import { decode, standing, told } from './reading.ts'
import { type GroupFacts, groupFactsOf } from './saved-group.ts'

export interface Group {
  /** Reads on in the log. */
  read(batch: UpdateBatch): GroupState
  /** See ports/trainer.ts; no batch is half done. */
  take(releases: boolean): Uint8Array[]
  claim(streams: readonly string[]): Uint8Array
  /** Rows for all items that have names by now. To be called before anything is learned of them. */
  meet(): void
  /**
   * What is to be done with an event: learn it; learn it later, as what does not count is to be given up first; or only
   * remember it, since it was learned before or is another worker's.
   */
  fateOf(stream: string, offset: number): 'learned' | 'later' | 'remembered'
  /** The next event that is counted is of this stream. */
  begin(stream: string): void
  /**
   * Whether events of the stream that the user has already may have been stored by its owner before, and not learned.
   * `isNew`: the event is not among them, and so none after it is.
   */
  isBehindStore(stream: string, isNew: boolean): boolean
  /** All of the stream before the offset is done. */
  done(stream: string, nextOffset: number): void
  /** None of the positions is beyond what the log says was learned. */
  bound(positions: Map<string, number>): Map<string, number>
  /** Nothing may be learned but events that fateOf() gives, and nothing at all while it is false. */
  readonly mayLearn: boolean
  /** Offset in the log from which to go on. */
  readonly next: number
  readonly state: LiveState
  facts(): GroupFacts
}

/** The events of a history that are counted: more than any part looks back. */
const countedHistory = 20

export interface GroupNeeds {
  readonly spec: GroupSpec
  readonly learner: Learner
  readonly input: Pick<InputState, 'items'>
  readonly seed: number
}

/** `counted`: set to what the learner is to tell of events that it counts. */
export interface CountedEvents {
  tell(user: number, history: Int32Array, item: number, weight: number): void
}

export function createGroup({ spec, learner, input, seed }: GroupNeeds, counted: CountedEvents) {
  const member = createMember({
    ...{ author: spec.author, numbersMax: spec.numbersMax },
    tables: groupTablesOf(learner, seed),
    nameOf: (id) => input.items.name(id),
    count: learner.countOther,
  })
  const behindStore = new Set<string>()
  let [next, items, unknownItems] = [0, 0, 0]
  /** Of the event in hand. */
  let current = ''

  counted.tell = (user, history, item, weight) => {
    const newest = history.slice(0, countedHistory)
    member.count({ stream: current, user, item, history: newest, weight })
  }

  function meet(): void {
    const end = input.items.length
    if (items === end) return
    learner.positives.see(-1, end - 1)
    learner.grow(learner.positives.users, end)
    member.tables.meet(items, input.items.slice(items))
    items = end
  }

  /** What was given up with others is learned again when there is time, like what overload has shed. */
  function learnAgain(events: readonly LearnedEvent[]): void {
    for (const { user, item, weight } of events) {
      learner.shedding.debt.owe({ user, item, draws: true, replays: 1, weight })
    }
  }

  function read(batch: UpdateBatch): GroupState {
    meet()
    const before = new Set(member.streams.names)
    const decoded = decode(batch)
    const whole = decoded.flatMap((one) => ('fault' in one ? [] : [one]))
    const { verdicts, again } = member.read(whole)
    learnAgain(again)
    for (const stream of member.streams.names) if (!before.has(stream)) behindStore.add(stream)
    for (const { ids } of whole) unknownItems += ids.filter((id) => id < 0).length
    next = (batch.records.at(-1)?.offset ?? next - 1) + 1
    const { widths } = member.tables
    return { verdicts: told(decoded, verdicts, widths), next, unknownItems, ...standing(member) }
  }

  return {
    read,
    take(releases) {
      const record = member.take()
      if (releases) member.release()
      return record === undefined ? [] : [encodeUpdate(record)]
    },
    claim: (streams) => encodeUpdate(member.claim(new Map(streams.map((stream) => [stream, 0])))),
    meet,
    fateOf(stream, offset) {
      if (!member.streams.takes(stream, offset)) return 'remembered'
      return member.isLost ? 'later' : 'learned'
    },
    begin(stream) {
      current = stream
    },
    isBehindStore(stream, isNew) {
      if (isNew) behindStore.delete(stream)
      return behindStore.has(stream)
    },
    done(stream, nextOffset) {
      if (member.streams.has(stream)) member.done(stream, nextOffset)
    },
    bound(positions) {
      for (const [stream, position] of positions) {
        const learned = member.ledger.streamOf(stream)?.position
        if (learned === undefined) positions.delete(stream)
        else positions.set(stream, Math.min(position, learned))
      }
      return positions
    },
    get mayLearn() {
      return !member.isLost && [...member.streams.names].length > 0
    },
    get next() {
      return next
    },
    state: member.state,
    facts: () => ({ ...member.save(), next, items }),
    restore(checkpoint) {
      const saved = groupFactsOf(checkpoint)
      if (saved === undefined || !member.restore(saved, checkpoint.tensors)) {
        throw new Failure(
          'CHECKPOINT_FOREIGN',
          'the checkpoint was written without an update log: to join a group, start with --fresh',
        )
      }
      next = saved.next
      items = saved.items
    },
  } satisfies Group & { restore(checkpoint: Checkpoint): void }
}
