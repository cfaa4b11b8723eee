// What a Kafka source is told: where it reads, how far ahead, and when it gives up.

import type { Failure } from '../../../errors.ts'
import type { GroupWatcher } from '../../../ports/event-source.ts'
import type { KafkaConnection } from '../client/connect.ts'

/** Who was a member last: with an id as long as it has not left, and with the partitions that it had. */
export interface NotedMember {
  readonly groupId: string
  readonly topic: string
  readonly memberId?: string
  readonly partitions: readonly number[]
}

export interface MemberNote {
  read(): NotedMember | undefined
  write(member: NotedMember): void
  /** The member has left. */
  clear(): void
}

export interface KafkaSourceObserver {
  rebalanced(): void
  took(operation: 'fetch' | 'commit', seconds: number): void
}

export interface KafkaSourceOptions {
  readonly connection: KafkaConnection
  readonly topic: string
  readonly groupId: string
  /** End when all records that are in the topic at the start are acknowledged. */
  readonly stopAtEnd?: boolean
  /** Records deleted before they were read: stop with RECORDS_EXPIRED, or go on without them. */
  readonly expired?: 'fail' | 'earliest'
  readonly batchRecordsMax?: number
  /** Batches of one partition that may be in the worker's hands. */
  readonly unackedBatchesMax?: number
  readonly commitEveryMs?: number
  /** The shortest time between two fetches that reach the end of what is there; absent: none. */
  readonly lingerMs?: number
  /** Commit only what safeToCommit() was told of. */
  readonly commitsWhenSafe?: boolean
  /** The group gives a silent member's partitions away after this. */
  readonly sessionMs?: number
  /** Records that have waited in the topic for longer are history; absent: only those that stood there at the start. */
  readonly backlogAgeMs?: number
  /** Milliseconds since the epoch; needed for backlogAgeMs. */
  readonly wallMs?: () => number
  /** Where the member id outlives a crash; absent: a group waits a whole session for a member that died. */
  readonly memberNote?: MemberNote
  /** Longest silence of a partition with records waiting before the worker is given up. */
  readonly stallMsMax?: number
  /** Told what the group gives to this member and takes away. */
  readonly ownership?: GroupWatcher
  /** Called once when the source cannot go on, also while nobody waits in readBatch(). */
  readonly onFailed?: (failure: Failure) => void
  readonly observe?: KafkaSourceObserver
}
