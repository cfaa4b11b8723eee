// The doctor's look at the update log of a group: one partition, records that fit, and nothing deleted that the newest
// checkpoint here has not read; and at a group of several workers that has no such log.

import type { Admin } from 'kafkajs'
import { retryWhileCold } from '../../adapters/kafka/client/cold-broker.ts'
import { partitionsOf, settingsOf } from '../../adapters/kafka/topics.ts'
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
  return [...findings, ofPast(Number(offsets?.low), Number(offsets?.high), world.readUpTo, how)]
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
  begin: number,
  end: number,
  readUpTo: number | undefined,
  how: (line: string) => string,
): Finding {
  const name = 'update log'
  const from = readUpTo ?? 0
  if (from > end) {
    const found = `the newest checkpoint has read it up to ${from}, and it ends at ${end}: the topic was made anew`
    return fail(name, found, 'start all workers of the group with --fresh')
  }
  if (from >= begin) return ok(name, `${end - from} records to be read at a start`)
  const who =
    readUpTo === undefined ? 'a worker without a checkpoint begins' : 'the checkpoint goes on'
  return fail(
    name,
    `it begins at ${begin}, and ${who} at ${from}`,
    'copy the newest checkpoint of another worker of the group into NEUPR_CHECKPOINTS; keep records for longer: ' +
      how('retention.ms=604800000'),
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
