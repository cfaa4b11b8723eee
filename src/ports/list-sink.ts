// Where refreshed lists go.
//
// write() resolves when the records are safe at the destination (a Kafka acknowledgement, bytes handed
// to the file), in the order given; the caller has one call under way at a time. It rejects with a
// Failure (`retry`: call again with the same records; `stop`). The same record may therefore be
// written twice; readers keep the one with the highest version per key.
//
// Where others may write the same keys: `mayGo` is asked as late as can be before anything leaves, and what it
// refuses never leaves, also not by an earlier call that has rejected. recall() does the same to what is under way.
//
// examine() is called before the worker claims anything that another one may be using: it resolves when the destination
// is there, and rejects as write() does.

import type { OutRecord } from '../types.ts'

export interface ListSink {
  examine?(): Promise<void>
  write(records: readonly OutRecord[], mayGo?: () => boolean): Promise<void>
  recall?(): void
  close(): Promise<void>
}
