// What the update log of a group says at its end: where learning stands, what was passed over, and the base of each
// worker, brought up to the end of the log from its newest checkpoint.

import { randomUUID } from 'node:crypto'
import { createDiskCheckpointStore } from '../../src/adapters/disk/checkpoint-store.ts'
import { basesOf, makeAndAwait, topicSettings } from '../../src/adapters/kafka/topics.ts'
import { readConfig } from '../../src/config.ts'
import { decodeUpdate } from '../../src/updates/encode.ts'
import { createLedger } from '../../src/updates/ledger.ts'
import { baseOf, startWorker } from '../trainer/group/worker.ts'
import type { Scene } from './scene.ts'

const itemsMax = 100_000

export interface LogEnd {
  readonly records: number
  /** By reason. */
  readonly passedOver: Readonly<Record<string, number>>
  /** Events in records that count. */
  readonly events: number
  /** Records of the input that the log does not say were learned. */
  readonly unlearned: number
  /** Workers whose base at the end of the log is not that of the first, to the last byte, and in which rows. */
  readonly differing: readonly string[]
}

export async function updatesTopic(scene: Scene): Promise<string> {
  const topic = `updates-${randomUUID()}`
  const settings = Object.entries(topicSettings.updates)
  const configEntries = settings.map(([name, value]) => ({ name, value }))
  const topics = [
    { topic, numPartitions: 1, configEntries },
    { topic: basesOf(topic), numPartitions: 1 },
  ]
  await makeAndAwait(scene.kafka.admin, topics)
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
  const logged = new Set<string>()
  const passedOver: Record<string, number> = {}
  let events = 0
  for (const bytes of log) {
    const record = decodeUpdate(bytes)
    for (const name of record.names) logged.add(name)
    const { passedOver: why } = ledger.read(record)
    if (why === undefined) events += record.events.items.length
    else passedOver[why] = (passedOver[why] ?? 0) + 1
  }
  let unlearned = 0
  for (const { partition, high } of await scene.kafka.admin.fetchTopicOffsets(scene.input)) {
    const position = ledger.streamOf(`${scene.input}/${partition}`)?.position ?? 0
    unlearned += Math.max(0, Number(high) - position)
  }
  const bases: ReadonlyMap<string, string>[] = []
  for (const name of names) bases.push(await baseAtEnd(scene, name, log))
  const differing = names.flatMap((name, w) => {
    const rows = difference(bases, w, logged)
    return rows === undefined ? [] : [`${name} differs from ${names[0]} in ${rows}`]
  })
  return { records: log.length, passedOver, events, unlearned, differing }
}

/** An item that no record names has no base but where it was met, and nobody else needs one. */
function difference(
  bases: readonly ReadonlyMap<string, string>[],
  w: number,
  logged: ReadonlySet<string>,
): string | undefined {
  const [base, first] = [bases[w]!, bases[0]!]
  const isLogged = (row: string) => logged.has(row.slice(row.indexOf(' ') + 1))
  const rows = [...new Set([...base.keys(), ...first.keys()])].filter((row) => {
    if (base.get(row) === first.get(row)) return false
    return (base.has(row) && first.has(row)) || isLogged(row)
  })
  const [one] = rows
  if (one === undefined) return undefined
  const what = `${rows.length} of ${base.size} rows (${rows.slice(0, 9).join(', ')})`
  return `${what}; ${one}: ${base.get(one)} instead of ${first.get(one)}`
}

async function baseAtEnd(
  scene: Scene,
  name: string,
  log: Uint8Array[],
): Promise<ReadonlyMap<string, string>> {
  const env = scene.env(name)
  const directory = env.NEUPR_CHECKPOINTS!
  const store = createDiskCheckpointStore({ directory, kept: 2, bytesMax: Number.MAX_SAFE_INTEGER })
  const { checkpoint } = await store.latest()
  if (checkpoint === undefined) throw new Error(`${name} has no checkpoint`)
  const { config } = readConfig({ flags: {}, env })
  const worker = startWorker('onlooker', log, checkpoint, itemsMax, config)
  await worker.read()
  return new Map([...baseOf(await worker.save())].map(([row, values]) => [row, `${values}`]))
}
