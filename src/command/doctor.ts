// `neupr-worker doctor`: looks at everything the worker leans on, and says for each what is wrong and what to do.
// Changes nothing. Ends with 1 when something fails.

import { Command } from 'commander'
import { kafkaConnection } from '../adapters/kafka/from-settings.ts'
import { openCluster, openNode } from '../adapters/redis/client.ts'
import { redisOptionsFrom } from '../adapters/redis/from-config.ts'
import { parseRedisUrl } from '../adapters/redis/url.ts'
import { registryFrom } from '../adapters/registry/from-settings.ts'
import type { Config } from '../config.ts'
import { parseMapping } from '../consume/mapping/spec/spec.ts'
import { updatesNextOf } from '../trainer/group/saved-group.ts'
import { placeOf } from '../worker/open.ts'
import { openCheckpoints } from '../worker/state.ts'
import { type Finding, looked, warn } from './doctor/check.ts'
import { lookAtKafka } from './doctor/kafka.ts'
import { lookAtCheckpoints, lookAtRedis, lookAtRegistry } from './doctor/stores.ts'
import type { UpdatesWorld } from './doctor/updates.ts'
import {
  addConnectionFlags,
  type ConnectionFlags,
  configOf,
  type KafkaIo,
} from './kafka/context.ts'

export interface DoctorIo extends KafkaIo {
  readonly elapsedMs: () => number
  /** Sets what the process ends with. */
  readonly exit: (code: number) => void
}

interface Flags extends ConnectionFlags {
  readonly input?: string
  readonly lists?: string
  readonly deadLetters?: string
  readonly items?: string
  readonly updates?: string
  readonly json?: boolean
}

export function doctorCommand(io: DoctorIo): Command {
  const command = new Command('doctor')
    .description('check brokers, topics, rights, registry, Redis, clock and checkpoints')
    .option('--input <topic>', 'in place of --source (default: interactions)')
    .option('--lists <topic>', 'in place of --sink (default: recommendations)')
    .option('--dead-letters <topic>', 'dead letters (default: INPUT.dlq)')
    .option('--items <topic>', 'the item feed, in place of NEUPR_ITEMS (default: none)')
    .option('--updates <topic>', 'the update log, in place of NEUPR_UPDATES (default: none)')
    .option('--json', 'one JSON array')
  const servers = ['kafkaBrokers', 'kafkaSecurity', 'registryUrl', 'redis'] as const
  const names = ['source', 'sink', ...servers] as const
  return addConnectionFlags(command, names).action(async (flags: Flags) => {
    const findings = await examine(flags, configOf(flags, io), io)
    io.stdout.write(flags.json === true ? `${JSON.stringify(findings)}\n` : asText(findings))
    if (findings.some(({ state }) => state === 'fail')) io.exit(1)
  })
}

async function examine(flags: Flags, config: Config, io: DoctorIo): Promise<Finding[]> {
  const input = flags.input ?? topicOf('source', config.source) ?? 'interactions'
  const lists = flags.lists ?? topicOf('sink', config.sink) ?? 'recommendations'
  const deadLetters = flags.deadLetters ?? `${input}.dlq`
  const findings: Finding[] = []
  if (config.kafkaBrokers === '') findings.push(warn('brokers', 'none named', 'set KAFKA_BROKERS'))
  else {
    const feed = config.items === '' ? undefined : topicOf('items', config.items)
    const items = flags.items ?? feed
    const log = config.updates === '' ? undefined : topicOf('updates', config.updates)
    const world = {
      connection: kafkaConnection(config, io.logger),
      groupId: config.kafkaGroup,
      topics: { input, lists, deadLetters, ...(items !== undefined && { items }) },
      updates: await updatesOf(config, flags.updates ?? log),
    }
    findings.push(...(await lookAtKafka(world)))
  }
  const registry = registryFrom(config)
  if (registry !== undefined) {
    const remedy = 'check SCHEMA_REGISTRY_URL'
    findings.push(
      ...(await looked('schema registry', remedy, () =>
        lookAtRegistry(registry, input, parseMapping(config)),
      )),
    )
  }
  if (config.redis === '')
    findings.push(warn('redis', 'none named: positives in memory', 'set REDIS_URL'))
  else findings.push(...(await looked('redis', 'check REDIS_URL', () => redisFindings(config, io))))
  const folder = 'make the directory writable, or name another in NEUPR_CHECKPOINTS'
  const look = () => lookAtCheckpoints(config.checkpoints)
  return [...findings, ...(await looked('checkpoints', folder, look))]
}

async function redisFindings(config: Config, io: DoctorIo): Promise<Finding[]> {
  const options = redisOptionsFrom(config, {
    monotonicMs: io.elapsedMs,
    wallMs: io.nowMs,
    log: io.logger,
  })
  const place = parseRedisUrl(config.redis)
  const client = place.kind === 'cluster' ? openCluster(place, options) : openNode(place, options)
  let first: Error | undefined
  client.on('error', (error: Error) => {
    first ??= error
    io.logger.debug('Redis says', { error: error.message })
  })
  try {
    await client.connect()
    return await lookAtRedis(client, io.nowMs)
  } catch (error) {
    // What comes last says only that the connection is closed.
    throw first ?? error
  } finally {
    client.disconnect()
  }
}

async function updatesOf(
  config: Config,
  topic: string | undefined,
): Promise<UpdatesWorld | undefined> {
  if (topic === undefined) return undefined
  const { checkpoint } = await openCheckpoints(config).latest()
  const readUpTo = checkpoint && updatesNextOf(checkpoint)
  return { topic, bytesMax: config.updatesBytesMax, readUpTo }
}

/** undefined: it is a file. */
function topicOf(setting: string, text: string): string | undefined {
  const { scheme, name } = placeOf(setting, text)
  return scheme === 'kafka' ? name : undefined
}

const marks = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const

function asText(findings: readonly Finding[]): string {
  return findings
    .map(({ name, state, found, remedy }) => {
      const todo = remedy === undefined ? '' : `\n      → ${remedy}`
      return `${marks[state]}  ${name}: ${found}${todo}\n`
    })
    .join('')
}
