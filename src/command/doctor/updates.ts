// The doctor's look at the update log of a group: one partition, records that fit, and nothing deleted that the newest
// checkpoint here has not read; and at a group of several workers that has no such log.

import type { Admin } from 'kafkajs'
import { retryWhileCold } from '../../adapters/kafka/client/cold-broker.ts'
import { basesOf, partitionsOf, settingsOf } from '../../adapters/kafka/topics.ts'
import { type Finding, fail, ok, warn } from './check.ts'

export interface UpdatesWorld {
  readonly topic: string
  readonly bytesMax: number
  /** Offset after the last record that the newest checkpoint has read; undefined: there is no such checkpoint. */
  readonly readUpTo: number | undefined
}

const hourMs = 3_600_000

export async function lookAtUpdates(admin: Admin, world: UpdatesWorld): Promise<Finding[]> {
  const { topic, bytesMax } = world
  const name = `topic ${topic}`
  const partitions = await partitionsOf(admin, topic)
  if (partitions === undefined) {
    const remedy = `neupr-worker topics create --updates ${topic}, or grant Describe on it`
    return [fail(name, 'is not there', remedy)]
  }
  if (partitions.length !== 1) {
    const found = `${partitions.length} partitions, but the update log needs one order`
    return [fail(name, found, 'name another topic, and make it with neupr-worker topics create')]
  }
  const settings = await settingsOf(admin, topic)
  const how = (line: string): string =>
    `kafka-configs --alter --topic ${topic} --add-config ${line}`
  const findings = [ofSettings(name, settings, bytesMax, how)]
  const [offsets] = await retryWhileCold(() => admin.fetchTopicOffsets(topic))
  const bounds = [Number(offsets?.low), Number(offsets?.high)] as const
  return [...findings, ofPast(world, ...bounds, how), await ofBases(admin, basesOf(topic))]
}

async function ofBases(admin: Admin, topic: string): Promise<Finding> {
  const name = `topic ${topic}`
  const partitions = await partitionsOf(admin, topic)
  if (partitions?.length === 1) return ok(name, 'newcomers start from what it holds')
  const found =
    partitions === undefined ? 'is not there' : `${partitions.length} partitions, expected 1`
  const harm = 'a worker without a checkpoint needs the update log from its beginning'
  return warn(name, `${found}: ${harm}`, 'neupr-worker topics create --updates TOPIC')
}

function ofSettings(
  name: string,
  settings: ReadonlyMap<string, string>,
  bytesMax: number,
  how: (line: string) => string,
): Finding {
  const policy = settings.get('cleanup.policy') ?? ''
  if (policy.includes('compact')) {
    const why = 'records without a key cannot be compacted, and none may be left out'
    return fail(name, `cleanup.policy ${policy}: ${why}`, how('cleanup.policy=delete'))
  }
  const takes = Number(settings.get('max.message.bytes') ?? 0)
  if (takes < bytesMax) {
    const why = `max.message.bytes is ${takes}, and a record may have ${bytesMax} (--updates-bytes-max)`
    return warn(name, why, how(`max.message.bytes=${2 * bytesMax}`))
  }
  const kept = Number(settings.get('retention.ms') ?? -1)
  if (kept >= 0 && kept < hourMs) {
    const why = `records are deleted after ${Math.round(kept / 1000)} s`
    const harm = 'a worker that was down for longer cannot go on from its checkpoint'
    return warn(name, `${why}: ${harm}`, how('retention.ms=86400000'))
  }
  const hours = kept < 0 ? 'for good' : `for ${Math.round(kept / hourMs)} h`
  return ok(name, `1 partition, records are kept ${hours}`)
}

/** A worker goes on from its newest checkpoint: the log must reach back to it. */
function ofPast(
  { topic, readUpTo }: UpdatesWorld,
  begin: number,
  end: number,
  how: (line: string) => string,
): Finding {
  const name = 'update log'
  const from = readUpTo ?? 0
  if (from > end) {
    const found = `the newest checkpoint has read it up to ${from}, and it ends at ${end}: the topic was made anew`
    return fail(name, found, 'start all workers of the group with --fresh')
  }
  if (from >= begin) return ok(name, `${end - from} records to be read at a start`)
  const longer = how('retention.ms=604800000')
  if (readUpTo === undefined) {
    const found = `it begins at ${begin}: a worker without a checkpoint starts from what the group keeps`
    return warn(
      name,
      found,
      `see that ${basesOf(topic)} is written; keep records for longer: ${longer}`,
    )
  }
  return fail(
    name,
    `it begins at ${begin}, and the newest checkpoint has read it up to ${from}`,
    `the worker starts from what the group keeps in ${basesOf(topic)}, if that is newer; keep records for longer: ` +
      longer,
  )
}

/** `uses`: this worker has an update log. */
export async function lookAtGroup(admin: Admin, groupId: string, uses: boolean): Promise<Finding> {
  const { groups } = await retryWhileCold(() => admin.describeGroups([groupId]))
  const members = groups[0]?.members.length ?? 0
  const found = `${members} ${members === 1 ? 'worker' : 'workers'} of the group ${groupId} now`
  if (members < 2 || uses) return ok('workers', found)
  return warn(
    'workers',
    `${found}, each a model of its own, taught by its own users only`,
    'neupr-worker topics create --updates TOPIC, and start all with NEUPR_UPDATES=kafka:TOPIC',
  )
}
