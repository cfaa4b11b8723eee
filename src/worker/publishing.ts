// The publisher of a worker: names for its lists, and whether they are still this worker's to write.

import type { Retrying } from '../app/retry.ts'
import type { TakeOver } from '../app/take-over.ts'
import type { Config } from '../config.ts'
import type { EventSource } from '../ports/event-source.ts'
import type { ListSink } from '../ports/list-sink.ts'
import type { GateKeeper } from '../publish/gate-keeper.ts'
import { createPublisher, type Publisher, type Written } from '../publish/publish.ts'
import type { Ids } from '../remember/ids.ts'
import type { TopList } from '../types.ts'
import type { Io } from './io.ts'

/** What is opened after those who need it. */
export interface Later {
  source?: EventSource
  gate?: GateKeeper
  takeOver?: TakeOver
}

export interface PublishingOptions {
  readonly config: Config
  readonly io: Io
  readonly onLists?: (lists: readonly TopList[]) => void
}

export function publisherOf(
  { config, io, onLists }: PublishingOptions,
  { sink, encode }: { sink: ListSink; encode: Parameters<typeof createPublisher>[0]['encode'] },
  ids: { users: Ids; items: Ids },
  retrying: Retrying,
  later: Later,
  onWritten: (written: Written) => void,
): Publisher {
  return createPublisher({
    ...{ sink, encode, retrying },
    userName: ids.users.name,
    itemName: ids.items.name,
    generatedAt: (list) => (config.deterministic ? list.newestEvent : io.nowMs()),
    waitingMax: config.listsWaitingMax,
    holds: (version, stream) =>
      later.takeOver?.owns(version) === false ? false : holdsOf(later.source, stream),
    changed: async () => later.source?.changed?.(),
    onWritten(written) {
      onWritten(written)
      onLists?.(written.lists)
    },
  })
}

/** Sources that nobody else reads say nothing of it. */
function holdsOf(source: EventSource | undefined, stream: string | undefined): boolean | undefined {
  return source?.holds === undefined ? true : source.holds(stream)
}
