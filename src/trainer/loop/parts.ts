// What a core is made of, put together from its options.

import type { Config } from '../../config.ts'
import type { Checkpoint, Tensor } from '../../ports/checkpoint-store.ts'
import type { Engine } from '../../ports/engine.ts'
import type { StoreReading } from '../../ports/trainer.ts'
import type { GroupSpec } from '../../requests.ts'
import { takeOut } from '../checkpoint/saved-parts.ts'
import { type CountedEvents, createGroup } from '../group/group.ts'
import { createLists } from '../lists/lists.ts'
import { createLearner } from '../model/learner.ts'
import { type FeedOptions, openFeed } from '../withdraw/feed.ts'
import { createInputState, type UnreadUsers } from './input-state.ts'
import { restoreState, type Stateful } from './state.ts'
import type { Forgotten, QueuedBatch } from './work-queue.ts'

export interface CoreOptions extends FeedOptions {
  readonly config: Config
  readonly engine: Engine
  /** undefined: no list goes out before a batch brings an assignment of streams. */
  readonly versionBase: number | undefined
  readonly resume?: Checkpoint | undefined
  /**
   * Nobody else needs the checkpoint in `resume`: what is large in it leaves it as soon as it is in the state. Called
   * with the bytes of what has left.
   */
  readonly onTakenOut?: ((bytes: number) => void) | undefined
  readonly group?: GroupSpec | undefined
  /** Batches whose names are already in `resume`, and when they came. */
  readonly queue?: QueuedBatch[]
  /** Users who were forgotten without a report so far. */
  readonly forgotten?: Forgotten[]
  readonly storeReading?: StoreReading | undefined
  /** What takeOwed() returns is kept outside. */
  readonly keepsOwed?: boolean | undefined
  /** What a core that this one takes over from knows of the reading. */
  readonly unread?: UnreadUsers | undefined
}

const dayMs = 86_400_000

/** Nothing that lives on holds the checkpoint that was read. */
export function openParts(options: CoreOptions) {
  const { config, engine, versionBase, resume, storeReading } = options
  const counted: CountedEvents = { tell: () => undefined }
  const isOneOfGroup = options.group !== undefined
  const learner = createLearner(
    config,
    engine,
    isOneOfGroup ? { onCounted: (...event) => counted.tell(...event) } : {},
  )
  const feed = openFeed(options, () => lists.streamTime())
  const input = createInputState(options.unread)
  const lists = createLists(learner, {
    k: config.k,
    staleAfterEvents: config.listStaleEvents,
    staleActiveMs: config.listStaleActiveDays * dayMs,
    staleInRounds: config.deterministic,
    pauseMs: config.deterministic ? 0 : config.listPauseMs,
    newestFirst: !config.deterministic,
    versionBase,
    trustsHashes: config.deterministic,
    isRead: (user) => !input.unread.has(user),
    keepsOwed: options.keepsOwed === true,
    itemBegunAt: input.lastUses.items.begunAt,
    feed,
  })
  const group =
    options.group &&
    createGroup({ spec: options.group, learner, input, seed: config.seed }, counted)
  if (resume !== undefined) {
    restore(resume, options, { learner, lists, input, feed }, group)
    group?.restore(resume)
  }
  if (storeReading !== undefined) {
    input.unread.isStoreUnread = storeReading.scans
    if (storeReading.checks) input.unread.add(input.users.length)
  }
  if (options.unread === undefined) lists.knows(input.users.length)

  const bound = group?.bound ?? ((positions: Map<string, number>) => positions)
  return { learner, lists, input, feed, group, bound }
}

/** A function of its own, since what lives on of openParts() must not hold the checkpoint. */
function restore(
  resume: Checkpoint,
  { config, onTakenOut }: CoreOptions,
  into: Stateful,
  group: object | undefined,
): void {
  // A group reads the tables of networks once more.
  const takesOut = onTakenOut !== undefined && group === undefined
  restoreState(resume, config, into, (state) => {
    if (takesOut) onTakenOut(takeOut(state, resume.tensors as Map<string, Tensor>))
  })
}
