// Interaction events from a Kafka topic, as a member of a consumer group. Positions move only behind what was
// acknowledged. Starts at the first readBatch(); from then on outages are waited out, and what only a person can mend
// is a Failure.

import type { Kafka } from 'kafkajs'
import type { Failure } from '../../errors.ts'
import type { EventSource } from '../../ports/event-source.ts'
import type { Positions } from '../../types.ts'
import { createKafka } from './client/connect.ts'
import { type Attempt, failureOf } from './client/failures.ts'
import type { LibraryLine } from './client/library-log.ts'
import { claimsOf } from './source/assigner.ts'
import { type BatchQueue, createBatchQueue, eitherOf } from './source/batch-queue.ts'
import { examineTopic, expiredFailure, standingsNow } from './source/check-positions.ts'
import { createCommitter } from './source/committer.ts'
import { leaveForKilled, leaveForStopped } from './source/leave-group.ts'
import { createLinger } from './source/linger.ts'
import { Membership } from './source/membership.ts'
import type { KafkaSourceOptions } from './source/options.ts'
import { createPartitions, type Partitions } from './source/partitions.ts'
import { createWatchdog, type Watchdog } from './source/watchdog.ts'

export type { KafkaSourceOptions } from './source/options.ts'

const sessionMsDefault = 30_000

export class KafkaEventSource implements EventSource {
  readonly #options: KafkaSourceOptions
  readonly #kafka: Kafka
  readonly #attempt: Attempt
  readonly #batchQueue: BatchQueue = createBatchQueue()
  readonly #partitions: Partitions = createPartitions()
  readonly #closing = new AbortController()
  readonly #orClosing = eitherOf(this.#closing.signal)
  #ends: ReadonlyMap<number, number> | undefined
  readonly #stopBefore = (partition: number): number =>
    this.#ends === undefined ? Number.POSITIVE_INFINITY : (this.#ends.get(partition) ?? 0)
  #starting: Promise<boolean> | undefined
  #failed = false
  #safeToCommit: (positions: Positions) => void = () => undefined
  #member: Membership | undefined
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
    const watchLine = ({ message, partition }: LibraryLine): void => {
      // kafkajs goes on from the beginning by itself; this line is all it says.
      if (message.startsWith('Offset out of range, resetting')) this.#onExpired(partition)
    }
    this.#kafka = createKafka(options.connection, { watchLine })
  }

  async examine(signal: AbortSignal): Promise<boolean> {
    return this.#isReady(this.#orClosing(signal)).catch((error: unknown) => {
      throw failureOf(error, this.#attempt)
    })
  }

  async readBatch(signal: AbortSignal) {
    const either = this.#orClosing(signal)
    this.#starting ??= this.#start(either)
    const started = await this.#starting.catch((error: unknown) => {
      this.#starting = undefined
      throw failureOf(error, this.#attempt)
    })
    if (!started) {
      this.#starting = undefined
      return undefined
    }
    this.#member?.resume()
    const batch = await this.#batchQueue.take(either)
    if (signal.aborted) this.#member?.drain()
    return batch
  }

  safeToCommit(positions: Positions): void {
    this.#safeToCommit(positions)
  }

  isAssigned(): boolean {
    return this.#member?.joined === true
  }

  async ends(): Promise<Positions> {
    const { topic, groupId } = this.#options
    const all = await standingsNow(this.#kafka, topic, groupId).catch((error: unknown) => {
      throw failureOf(error, this.#attempt)
    })
    return new Map([...all].map(([partition, { high }]) => [`${topic}/${partition}`, high]))
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
    if (!(await this.#isReady(signal))) return false
    await leaveForKilled(this.#kafka, this.#options)
    const member = this.#createMember()
    await member.run()
    return true
  }

  /** False: told to stop before the topic was there. */
  async #isReady(signal: AbortSignal): Promise<boolean> {
    const { topic, groupId, connection, expired = 'fail', stopAtEnd } = this.#options
    const check = { topic, groupId, expired, logger: connection.logger, signal }
    const found = await examineTopic(this.#kafka, check)
    if (found === undefined || signal.aborted) return false
    if (stopAtEnd === true) {
      this.#ends = new Map([...found.values()].map(({ partition, high }) => [partition, high]))
    }
    return true
  }

  #createMember(): Membership {
    const { connection, topic, groupId, observe, memberNote } = this.#options
    const committer = createCommitter({
      topic,
      everyMs: this.#options.commitEveryMs ?? 1_000,
      logger: connection.logger,
      took: (seconds) => observe?.took('commit', seconds),
      commitsWhenSafe: this.#options.commitsWhenSafe === true,
    })
    this.#safeToCommit = committer.safeToCommit
    const now = (): number => performance.now()
    let joinedAs = ''
    const member: Membership = new Membership({
      kafka: this.#kafka,
      topic,
      groupId,
      sessionMs: this.#options.sessionMs ?? sessionMsDefault,
      ownership: this.#options.ownership,
      logger: connection.logger,
      attempt: this.#attempt,
      observe,
      delivery: {
        ...{ batchQueue: this.#batchQueue, partitions: this.#partitions, committer },
        linger: createLinger(this.#options.lingerMs ?? 0, now),
        recordsMax: this.#options.batchRecordsMax ?? 500,
        chunksMax: this.#options.unackedBatchesMax ?? 4,
        stopBefore: this.#stopBefore,
        now,
        wallMs: this.#options.wallMs ?? (() => 0),
        backlogAgeMs: this.#options.backlogAgeMs ?? Number.POSITIVE_INFINITY,
        assignment: () => member.assignment,
      },
      // Ends and positions: for the lag, and for an input that is read to its end already.
      claims: claimsOf(this.#options),
      joinedAs: (memberId, partitions) => {
        joinedAs = memberId
        memberNote?.write({ groupId, memberId, topic, partitions })
      },
      stopped: async (isOver) => {
        if (joinedAs !== '') await leaveForStopped(this.#options, joinedAs, this.#attempt, isOver)
        joinedAs = ''
      },
      joined: () => void watchdog.look().then(() => this.#endIfDone(member)),
      moved: () => this.#endIfDone(member),
      failed: (failure) => this.#fail(failure, member),
    })
    const watchdog: Watchdog = createWatchdog({
      partitions: this.#partitions,
      stallMsMax: this.#options.stallMsMax ?? 120_000,
      standings: () => standingsNow(this.#kafka, topic, groupId),
      stopBefore: this.#stopBefore,
      joined: () => member.joined,
      now,
      onStuck: (failure) => this.#fail(failure, member),
    })
    this.#partitions.markAllAlive(now())
    this.#member = member
    this.#close = async () => {
      watchdog.close()
      await member.leave()
      this.#options.memberNote?.clear()
      committer.close()
    }
    return member
  }

  #endIfDone(member: Membership): void {
    if (this.#ends === undefined || !member.joined) return
    for (const [partition, { safe }] of this.#partitions.all()) {
      if (safe < this.#stopBefore(partition)) return
    }
    this.#batchQueue.end()
  }

  #onExpired(partition: number | undefined): void {
    const where = `${this.#options.topic}/${partition}`
    if (this.#options.expired !== 'earliest') this.#fail(expiredFailure(where, 'the next records'))
    else this.#options.connection.logger.error('records were deleted unread', { stream: where })
  }

  #fail(failure: Failure, member?: Membership): void {
    if (this.#failed) return
    this.#failed = true
    this.#batchQueue.fail(failure)
    member?.stopWork()
    this.#options.onFailed?.(failure)
  }
}
