// Where refreshed lists go.
//
// write() resolves when the records are safe at the destination (a Kafka acknowledgement, bytes handed
// to the file), in the order given; the caller has one call under way at a time. It rejects with a
// Failure (`retry`: call again with the same records; `stop`). The same record may therefore be
// written twice; readers keep the one with the highest version per key.

import type { OutRecord } from '../types.ts'

export interface ListSink {
  write(records: readonly OutRecord[]): Promise<void>
  close(): Promise<void>
}
