// One member of a consumer group: runs kafkajs's consumer, hears of joins, rebalances and crashes, and lets nothing
// escape into its handler but what it must hear itself.

import type { Consumer, ConsumerCrashEvent, Kafka } from 'kafkajs'
import { Failure } from '../../../errors.ts'
import type { Assignment, GroupWatcher } from '../../../ports/event-source.ts'
import type { Logger } from '../../../ports/logger.ts'
import { retryPace } from '../client/connect.ts'
import { disconnectInTime } from '../client/disconnect.ts'
import { type Attempt, failureOf } from '../client/failures.ts'
import { assignersOf, type MemberClaims } from './assigner.ts'
import { type DeliverOptions, DeliveryGroup, deliver } from './deliver.ts'
import type { KafkaSourceObserver } from './options.ts'

export interface MembershipOptions {
  readonly kafka: Kafka
  readonly topic: string
  readonly groupId: string
  readonly sessionMs: number
  readonly logger: Logger
  readonly attempt: Attempt
  readonly delivery: DeliverOptions
  readonly ownership: GroupWatcher | undefined
  readonly observe: KafkaSourceObserver | undefined
  /** Joined with these partitions, or positions became safe. */
  readonly moved: () => void
  readonly joined: () => void
  readonly claims: MemberClaims
  /** The group knows this member by this id, and has given it these partitions. */
  readonly joinedAs: (memberId: string, partitions: readonly number[]) => void
  /** The consumer has stopped and begins anew when this resolves; `isOver`: it must not any more. */
  readonly stopped: (isOver: () => boolean) => Promise<void>
  /** Cannot go on. */
  readonly failed: (failure: Failure) => void
}

/** Partitions worked on at once: keeps as many writes to the positive store in flight. */
const partitionsAtOnce = 32
/** New partitions are found at the first fetch after this: long before a person looks why they are not read. */
const metadataMsMax = 10_000
/** A member learns by its heartbeat that the group waits for it to join again, so a rebalance takes that long. */
const heartbeatMsMax = 1_000
/** What the coordinator counts as a sign of life, as kafkajs names it. */
const sessionKeeping = new Set(['Heartbeat', 'SyncGroup'])

export class Membership {
  assignment: Assignment = { streams: [] }
  joined = false
  readonly #options: MembershipOptions
  readonly #consumer: Consumer
  #group = new DeliveryGroup()
  #joins = 0
  /** Of the group, as far as this member was the one to give out its partitions. */
  #members = 0
  /** Monotonic ms when the newest request was sent to the coordinator that it has answered. */
  #sentMs = Number.NEGATIVE_INFINITY
  #left = false
  #draining = false

  constructor(options: MembershipOptions) {
    this.#options = options
    this.#consumer = options.kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionMs,
      heartbeatInterval: Math.min(heartbeatMsMax, options.sessionMs / 10),
      rebalanceTimeout: 60_000,
      metadataMaxAge: metadataMsMax,
      maxBytesPerPartition: 512 * 1024,
      maxBytes: 4 * 1024 * 1024,
      maxWaitTimeInMs: 500,
      allowAutoTopicCreation: false,
      retry: { ...retryPace, restartOnFailure: () => this.#mayRestart() },
      partitionAssigners: assignersOf(options.topic, {
        claims: options.claims,
        onMembers: (members) => (this.#members = members),
      }),
    })
    this.#listen()
  }

  async run(): Promise<void> {
    await this.#consumer.connect()
    await this.#consumer.subscribe({ topic: this.#options.topic, fromBeginning: true })
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: partitionsAtOnce,
      eachBatch: (payload) => this.#onBatch(payload),
    })
  }

  /** Commits what is acknowledged, then leaves. Waits for nothing that is in hand. */
  async leave(): Promise<void> {
    this.stopWork()
    for (let tries = 0; tries < 3 && this.#options.delivery.committer.pending(); tries++) {
      await this.#options.delivery.committer.flush()
    }
    await disconnectInTime(this.#consumer)
  }

  /** Takes no new batch, but stays a member that is heard of, where it is one: what is in hand is still worked on. */
  drain(): void {
    if (this.#left || this.#draining) return
    this.#draining = true
    this.#group.drain()
    // Fetches nothing, and sends heartbeats as it finds that.
    if (this.joined) this.#consumer.pause([{ topic: this.#options.topic }])
  }

  /** Ends that: what was not taken is fetched again. */
  resume(): void {
    if (this.#left || !this.#draining) return
    this.#draining = false
    this.#group.draining = false
    if (this.joined) this.#consumer.resume([{ topic: this.#options.topic }])
  }

  /** Takes no new batch and lets go of those in hand. */
  stopWork(): void {
    this.#left = true
    this.#giveUp()
  }

  #listen(): void {
    const { events } = this.#consumer
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      const partitions = payload.memberAssignment[this.#options.topic] ?? []
      this.#options.joinedAs(payload.memberId, partitions)
      this.#options.claims.given(partitions)
      this.#onJoin(partitions, payload.isLeader && this.#members === 1)
    })
    this.#consumer.on(events.REBALANCING, () => {
      this.#options.ownership?.revoked()
      this.#giveUp()
    })
    this.#consumer.on(events.REQUEST, ({ payload: { apiName, duration } }) => {
      if (sessionKeeping.has(apiName)) this.#sentMs = performance.now() - Math.max(0, duration)
    })
    // Said when the answer was a good one.
    this.#consumer.on(events.HEARTBEAT, () => this.#options.ownership?.heard(this.#sentMs))
    this.#consumer.on(events.STOP, () => void (this.joined = false))
    this.#consumer.on(events.CRASH, (event) => this.#onCrash(event))
    this.#consumer.on(events.FETCH, ({ payload }) => {
      this.#options.delivery.linger.fetched()
      this.#options.observe?.took('fetch', payload.duration / 1000)
    })
    this.#consumer.on(events.END_BATCH_PROCESS, ({ payload }) => {
      // A batch of nothing but control or aborted records never reaches #onBatch.
      if (payload.batchSize === 0) this.#passOver(payload.partition, Number(payload.lastOffset) + 1)
    })
  }

  async #onBatch(payload: Parameters<typeof deliver>[0]): Promise<void> {
    if (this.#left || this.#draining) return
    if (!this.#group.open) this.#group = new DeliveryGroup()
    try {
      await deliver(payload, this.#group, this.#options.delivery)
      this.#options.moved()
    } catch (error) {
      this.#options.ownership?.revoked()
      this.#giveUp()
      // The coordinator still takes positions from members of the generation that ends.
      await this.#options.delivery.committer.flush()
      if (error instanceof Error && error.name.startsWith('KafkaJS')) throw error
      // Thrown on, a mistake of ours would stop the consumer and leave the process alive.
      this.#options.failed(new Failure('SOURCE_UNREADABLE', 'consuming failed', { cause: error }))
    }
  }

  #onJoin(partitions: readonly number[], alone: boolean): void {
    this.#options.delivery.committer.forget()
    this.#giveUp()
    this.#options.delivery.partitions.assign(partitions, performance.now())
    this.joined = true
    if (this.#draining) this.#consumer.pause([{ topic: this.#options.topic }])
    this.#joins++
    if (this.#joins > 1) this.#options.observe?.rebalanced()
    const { topic, logger } = this.#options
    const facts = { topic, partitions: partitions.length, joins: this.#joins }
    logger.info('joined the consumer group', facts)
    const streams = partitions.map((one) => `${topic}/${one}`)
    this.assignment = { streams, alone }
    this.#options.ownership?.assigned(this.assignment, this.#sentMs)
    this.#options.joined()
  }

  async #mayRestart(): Promise<boolean> {
    this.#options.ownership?.revoked()
    this.#giveUp()
    await this.#options.stopped(() => this.#left)
    return !this.#left
  }

  /** A restart is normal while a broker has just started: it says so by crashing its consumers. */
  #onCrash({ payload: { error, restart } }: ConsumerCrashEvent): void {
    this.#options.ownership?.revoked()
    this.#options.delivery.committer.forget()
    this.#giveUp()
    this.joined = false
    this.#options.claims.lost()
    if (this.#left) return
    const facts = { error: error.message.slice(0, 300), restart }
    const message = `the Kafka consumer stopped${restart ? ' and starts again' : ''}`
    this.#options.logger.repeated('crash', message, facts)
    if (!restart) this.#options.failed(failureOf(error, this.#options.attempt))
  }

  #passOver(partition: number, next: number): void {
    const { partitions, committer } = this.#options.delivery
    if (!partitions.passOver(partition, next, performance.now())) return
    committer.passOver(partition, next)
    this.#options.moved()
  }

  /** What is in hand will come again, to this member or to another: it is not waited for. */
  #giveUp(): void {
    this.#group.close()
    for (const [, state] of this.#options.delivery.partitions.all()) state.inHand = 0
  }
}
