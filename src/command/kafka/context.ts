// What the commands for Kafka share: where they are told the brokers, and what of the process they touch.

import { randomUUID } from 'node:crypto'
import type { Writable } from 'node:stream'
import type { Command } from 'commander'
import type { KafkaConnection } from '../../adapters/kafka/client/connect.ts'
import { kafkaConnection } from '../../adapters/kafka/from-settings.ts'
import { type Config, readConfig } from '../../config.ts'
import type { Logger } from '../../ports/logger.ts'

export interface KafkaIo {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: Writable
  readonly stderr: Writable
  readonly logger: Logger
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number
  /** Aborted at the first wish to stop. */
  readonly stop: AbortSignal
}

const flags = {
  kafkaBrokers: ['--kafka-brokers <list>', 'host:port, several with commas (env KAFKA_BROKERS)'],
  kafkaSecurity: ['--kafka-security <how>', 'auto | tls | plaintext (env NEUPR_KAFKA_SECURITY)'],
  registryUrl: ['--registry-url <url>', 'schema registry (env SCHEMA_REGISTRY_URL)'],
  redis: ['--redis <url>', 'Redis (env REDIS_URL)'],
  source: ['--source <kafka:topic>', 'interaction events, as for run (env NEUPR_SOURCE)'],
  sink: ['--sink <kafka:topic>', 'top-K lists, as for run (env NEUPR_SINK)'],
} as const

export type ConnectionFlags = Partial<Record<keyof typeof flags, string>>

export function addConnectionFlags(
  command: Command,
  names: readonly (keyof typeof flags)[] = ['kafkaBrokers', 'kafkaSecurity'],
): Command {
  for (const name of names) command.option(flags[name][0], flags[name][1])
  return command
}

/** @throws Failure SETTINGS_INVALID */
export function configOf(given: ConnectionFlags, io: KafkaIo): Config {
  const known = Object.entries(given).filter(([name]) => name in flags)
  return readConfig({ flags: Object.fromEntries(known), env: io.env }).config
}

export function connectionOf(given: ConnectionFlags, io: KafkaIo): KafkaConnection {
  return kafkaConnection(configOf(given, io), io.logger)
}

/** A group for one look; nothing is committed in it. */
export function ownGroup(what: string): string {
  return `neupr-${what}-${randomUUID()}`
}
