// What the worker tells those who watch it: the page, the probes, a person who asks about one user.
//
// conditions() and state() are called up to some times a second, answer at once from what is in memory and
// never reject. ask() goes to the trainer: it may take a turn of the trainer's time; undefined: unknown user.

import type { TrainerStats } from '../messages.ts'
import type { Explanation } from '../requests.ts'

/** What /readyz can name as failing. */
export const conditionNames = [
  'started',
  'source',
  'store',
  'items',
  'updates',
  'sink',
  'trainer',
  'checkpoint',
  'gate',
  'backlog',
] as const
export type ConditionName = (typeof conditionNames)[number]

/** One thing that must hold before traffic may come. `detail` is one sentence for people, without payloads. */
export interface Condition {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

export interface GateView {
  readonly enabled: boolean
  readonly paused: boolean
  /** Why publishing is paused, or what the gate last did. */
  readonly detail: string
}

export interface CheckpointView {
  readonly generation: number
  readonly bytes: number
  readonly seconds: number
  /** Milliseconds since the epoch. */
  readonly savedAt: number
}

/** How far the reading of a backlog has come. */
export interface CatchUpView {
  /** Share of the records of the backlog that were read, in [0, 1]. */
  readonly share: number
  readonly recordsLeft: number
  readonly recordsPerSecond: number
  /** undefined: not known yet. */
  readonly secondsLeft: number | undefined
}

/** The update log of a group, and who else appends to it. */
export interface GroupView {
  /** This start of this worker, as the log names it. */
  readonly author: string
  /** Of what stood in the log at the start, the share that was read. */
  readonly share: number
  readonly behindRecords: number
  readonly others: readonly { readonly author: string; readonly secondsAgo: number }[]
}

export interface State {
  readonly version: string
  readonly engine: string
  readonly model: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** The source has ended, and nothing moves any more; undefined: the worker runs. */
  readonly finishedAt: number | undefined
  readonly now: number
  readonly conditions: readonly Condition[]
  readonly books: {
    readonly consumed: number
    readonly applied: number
    readonly forgotten: number
    readonly deadLettered: number
    readonly skipped: number
  }
  /** Interactions by the names of their actions, where actions are named. */
  readonly kinds: readonly { readonly action: string; readonly events: number }[]
  /** Whether events are dated by the clock; of a file that is replayed lagSeconds says nothing. */
  readonly live: boolean
  /** undefined: the source cannot know. */
  readonly lagRecords: number | undefined
  readonly lagSeconds: number
  /** undefined: all that is read is live. */
  readonly catchUp: CatchUpView | undefined
  /** Median seconds over the newest events; undefined: none yet. */
  readonly freshness: {
    readonly applied: number | undefined
    readonly learned: number | undefined
    readonly published: number | undefined
  }
  readonly lists: {
    readonly personal: number
    readonly popular: number
    readonly coverage: number | undefined
    readonly overlap: number | undefined
  }
  /** What applications asked for; what was never asked for is left out. Seconds are those of the newest requests. */
  readonly api: {
    readonly answered: readonly {
      readonly operation: string
      readonly requests: number
      readonly median: number | undefined
      readonly p99: number | undefined
    }[]
    readonly refused: readonly { readonly reason: string; readonly requests: number }[]
  }
  /** Records of the item feed by what they say, and words on items that there was no room for. */
  readonly itemFeed: Readonly<
    Record<'available' | 'unavailable' | 'gone' | 'refused' | 'unkept', number>
  >
  readonly gate: GateView
  readonly checkpoint: CheckpointView | undefined
  readonly trainer: TrainerStats | undefined
  /** undefined: what is learned is not shared. */
  readonly group: GroupView | undefined
  /** Some users served last, to try the look-up with. */
  readonly recentUsers: readonly string[]
}

export interface Status {
  /** The watchdog alone: false means that only a restart helps. */
  alive(): Pick<Condition, 'ok' | 'detail'>
  conditions(): readonly Condition[]
  state(): State
  ask(user: string): Promise<Explanation | undefined>
}
