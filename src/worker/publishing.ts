// The publisher of a worker: names for its lists, and who says whether they may go out.

import type { Retrying } from '../app/retry.ts'
import type { Config } from '../config.ts'
import type { Ownership } from '../publish/ownership.ts'
import { createPublisher, type Publisher, type Written } from '../publish/publish.ts'
import type { Ids } from '../remember/ids.ts'
import type { TopList } from '../types.ts'
import type { Io } from './io.ts'
import type { OpenedSink } from './open.ts'

export interface PublishingParts {
  readonly config: Config
  readonly io: Io
  readonly ids: { readonly users: Ids; readonly items: Ids }
  readonly retrying: Retrying
  readonly ownership: Ownership
  readonly onWritten: (written: Written) => void
  readonly onLists?: ((lists: readonly TopList[]) => void) | undefined
}

export function publisherOf({ sink, encode }: OpenedSink, parts: PublishingParts): Publisher {
  const { config, io, ids, retrying, ownership } = parts
  return createPublisher({
    ...{ sink, encode, retrying, ownership },
    userName: ids.users.name,
    itemName: ids.items.name,
    generatedAt: (list) => (config.deterministic ? list.newestEvent : io.nowMs()),
    waitingMax: config.listsWaitingMax,
    onWritten(written) {
      parts.onWritten(written)
      parts.onLists?.(written.lists)
    },
  })
}
