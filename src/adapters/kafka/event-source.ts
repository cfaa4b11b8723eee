// Interaction events from a Kafka topic, as a member of a consumer group. Positions move only behind what was
// acknowledged. Starts at the first readBatch(); from then on outages are waited out, and what only a person can mend
// is a Failure.

import type { Kafka } from 'kafkajs'
import type { Failure } from '../../errors.ts'
import type { EventSource, Tenure } from '../../ports/event-source.ts'
import type { Positions } from '../../types.ts'
import { createKafka, type KafkaConnection } from './connect.ts'
import { type Attempt, failureOf } from './failures.ts'
import { hangUp } from './hang-up.ts'
import {
  checkStandings,
  expiredFailure,
  standings,
  standingsNow,
  untilTopicExists,
} from './source/check-positions.ts'
import { createCommitter } from './source/committer.ts'
import { createHandOver, type HandOver } from './source/hand-over.ts'
import { type KafkaSourceObserver, Membership } from './source/membership.ts'
import { createPartitions, type Partitions } from './source/partitions.ts'
import { createWatchdog, type Watchdog } from './source/watchdog.ts'

export type { KafkaSourceObserver } from './source/membership.ts'

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
  /** Commit only what settle() was told of. */
  readonly waitsToSettle?: boolean
  /** The group gives a silent member's partitions away after this. */
  readonly sessionMs?: number
  /** Longest silence of a partition with records waiting before the worker is given up. */
  readonly stallMsMax?: number
  /** Called once when the source cannot go on, also while nobody waits in readBatch(). */
  readonly onFailed?: (failure: Failure) => void
  readonly observe?: KafkaSourceObserver
}

export class KafkaEventSource implements EventSource {
  readonly #options: KafkaSourceOptions
  readonly #kafka: Kafka
  readonly #attempt: Attempt
  readonly #handOver: HandOver = createHandOver()
  readonly #partitions: Partitions = createPartitions()
  readonly #closing = new AbortController()
  #ends: ReadonlyMap<number, number> | undefined
  #starting: Promise<boolean> | undefined
  #failed = false
  #tenure: Tenure = { streams: [] }
  #settle: (positions: Positions) => void = () => undefined
  #close: () => Promise<void> = async () => undefined

  /** @throws Failure SETTINGS_INVALID for a connection that cannot be right. */
  constructor(options: KafkaSourceOptions) {
    this.#options = options
    const { topic, groupId } = options
    this.#attempt = {
      unreachable: 'SOURCE_UNREACHABLE',
      doing: `read the topic ${topic} as the group ${groupId}`,
      right: `Read and Describe on topic ${topic}, and Read on group ${groupId}`,
    }
    this.#kafka = createKafka(options.connection, ({ message, partition }) => {
      // kafkajs goes on from the beginning by itself; this line is all it says.
      if (message.startsWith('Offset out of range, resetting')) this.#onExpired(partition)
    })
  }

  async readBatch(signal: AbortSignal) {
    const either = AbortSignal.any([signal, this.#closing.signal])
    this.#starting ??= this.#start(either)
    const started = await this.#starting.catch((error: unknown) => {
      this.#starting = undefined
      throw failureOf(error, this.#attempt)
    })
    if (!started) {
      this.#starting = undefined
      return undefined
    }
    return this.#handOver.take(either)
  }

  settle(positions: Positions): void {
    this.#settle(positions)
  }

  holds(stream: string): boolean {
    return this.#tenure.streams.includes(stream)
  }

  lag(): number | undefined {
    return this.#partitions.lag()
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    await this.#close()
  }

  /** False when told to stop before it was up. */
  async #start(signal: AbortSignal): Promise<boolean> {
    const { topic, groupId, connection, expired = 'fail' } = this.#options
    const check = { topic, groupId, expired, logger: connection.logger, signal }
    const admin = this.#kafka.admin()
    try {
      await admin.connect()
      if (!(await untilTopicExists(admin, check))) return false
      const found = await standings(admin, topic, groupId)
      checkStandings(found.values(), check)
      if (this.#options.stopAtEnd === true) {
        this.#ends = new Map([...found.values()].map(({ partition, high }) => [partition, high]))
      }
    } finally {
      await hangUp(admin)
    }
    if (signal.aborted) return false
    const member = this.#createMember()
    await member.run()
    return true
  }

  #createMember(): Membership {
    const { connection, topic, groupId, observe } = this.#options
    const committer = createCommitter({
      topic,
      everyMs: this.#options.commitEveryMs ?? 1_000,
      logger: connection.logger,
      took: (seconds) => observe?.took('commit', seconds),
      waitsToSettle: this.#options.waitsToSettle === true,
    })
    this.#settle = committer.settle
    const now = (): number => performance.now()
    const stopBefore = (partition: number): number => this.#stopBefore(partition)
    const member: Membership = new Membership({
      kafka: this.#kafka,
      topic,
      groupId,
      sessionMs: this.#options.sessionMs ?? 30_000,
      logger: connection.logger,
      attempt: this.#attempt,
      observe,
      delivery: {
        handOver: this.#handOver,
        partitions: this.#partitions,
        committer,
        recordsMax: this.#options.batchRecordsMax ?? 500,
        chunksMax: this.#options.unackedBatchesMax ?? 4,
        stopBefore,
        now,
        tenure: () => this.#tenure,
      },
      // Ends and positions: for the lag, and for an input that is read to its end already.
      joined: (streams) => {
        this.#tenure = { streams }
        void watchdog.look().then(() => this.#endIfDone(member))
      },
      moved: () => this.#endIfDone(member),
      failed: (failure) => this.#fail(failure, member),
    })
    const watchdog: Watchdog = createWatchdog({
      partitions: this.#partitions,
      stallMsMax: this.#options.stallMsMax ?? 120_000,
      standings: () => standingsNow(this.#kafka, topic, groupId),
      stopBefore,
      joined: () => member.joined,
      now,
      onStuck: (failure) => this.#fail(failure, member),
    })
    this.#partitions.excuse(now())
    this.#close = async () => {
      watchdog.close()
      await member.leave()
      committer.close()
    }
    return member
  }

  #stopBefore(partition: number): number {
    if (this.#ends === undefined) return Number.POSITIVE_INFINITY
    return this.#ends.get(partition) ?? 0
  }

  #endIfDone(member: Membership): void {
    if (this.#ends === undefined || !member.joined) return
    for (const [partition, { safe }] of this.#partitions.all()) {
      if (safe < this.#stopBefore(partition)) return
    }
    this.#handOver.end()
  }

  #onExpired(partition: number | undefined): void {
    const where = `${this.#options.topic}/${partition}`
    if (this.#options.expired !== 'earliest') this.#fail(expiredFailure(where, 'the next records'))
    else this.#options.connection.logger.error('records were deleted unread', { stream: where })
  }

  #fail(failure: Failure, member?: Membership): void {
    if (this.#failed) return
    this.#failed = true
    this.#handOver.fail(failure)
    member?.stopWork()
    this.#options.onFailed?.(failure)
  }
}
