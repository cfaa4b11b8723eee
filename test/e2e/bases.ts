// What the update log of a group says at its end: where learning stands, what was passed over, and the base of each
// worker, brought up to the end of the log from its newest checkpoint.

import { randomUUID } from 'node:crypto'
import { createDiskCheckpointStore } from '../../src/adapters/disk/checkpoint-store.ts'
import { basesOf, topicSettings } from '../../src/adapters/kafka/topics.ts'
import { readConfig } from '../../src/config.ts'
import { decodeUpdate } from '../../src/updates/encode.ts'
import { createLedger } from '../../src/updates/ledger.ts'
import { baseOf, startWorker } from '../trainer/group/worker.ts'
import { type Scene, untilLed } from './scene.ts'

const itemsMax = 100_000

export interface LogEnd {
  readonly records: number
  /** By reason. */
  readonly passedOver: Readonly<Record<string, number>>
  /** Events in records that count. */
  readonly events: number
  /** Records of the input that the log does not say were learned. */
  readonly unlearned: number
  /** Whether all workers have the same base at the end of the log, to the last byte. */
  readonly basesAgree: boolean
}

export async function updatesTopic(scene: Scene): Promise<string> {
  const topic = `updates-${randomUUID()}`
  const settings = Object.entries(topicSettings.updates)
  const configEntries = settings.map(([name, value]) => ({ name, value }))
  const topics = [
    { topic, numPartitions: 1, configEntries },
    { topic: basesOf(topic), numPartitions: 1 },
  ]
  const { admin } = scene.kafka
  await admin.createTopics({ topics, waitForLeaders: false })
  await untilLed(scene.kafka, topic)
  return topic
}

/** `names`: of the workers, as in scene.env(). All have stopped. */
export async function endOf(
  scene: Scene,
  topic: string,
  names: readonly string[],
): Promise<LogEnd> {
  const log = (await scene.kafka.read(topic)).map(({ value }) => value!)
  const ledger = createLedger()
  const passedOver: Record<string, number> = {}
  let events = 0
  for (const bytes of log) {
    const record = decodeUpdate(bytes)
    const { passedOver: why } = ledger.read(record)
    if (why === undefined) events += record.events.items.length
    else passedOver[why] = (passedOver[why] ?? 0) + 1
  }
  let unlearned = 0
  for (const { partition, high } of await scene.kafka.admin.fetchTopicOffsets(scene.input)) {
    const position = ledger.streamOf(`${scene.input}/${partition}`)?.position ?? 0
    unlearned += Math.max(0, Number(high) - position)
  }
  const bases: string[] = []
  for (const name of names) bases.push(await baseAtEnd(scene, name, log))
  const basesAgree = bases.every((base) => base === bases[0])
  return { records: log.length, passedOver, events, unlearned, basesAgree }
}

async function baseAtEnd(scene: Scene, name: string, log: Uint8Array[]): Promise<string> {
  const env = scene.env(name)
  const directory = env.NEUPR_CHECKPOINTS!
  const store = createDiskCheckpointStore({ directory, kept: 2, bytesMax: Number.MAX_SAFE_INTEGER })
  const { checkpoint } = await store.latest()
  if (checkpoint === undefined) throw new Error(`${name} has no checkpoint`)
  const { config } = readConfig({ flags: {}, env })
  const worker = startWorker('onlooker', log, checkpoint, itemsMax, config)
  await worker.read()
  const base = baseOf(await worker.save())
  return [...base]
    .map(([row, values]) => `${row} ${values}`)
    .sort()
    .join('\n')
}
