// Which settings each command reads: these are its flags. A setting of the environment or of a settings file that a
// command does not read is left alone, because both are shared; a flag that it does not read is refused.

import type { Config } from '../config.ts'
import { settings } from '../settings/all.ts'
import { files } from '../settings/files.ts'
import { kafka, updates } from '../settings/kafka.ts'
import { learning } from '../settings/learning.ts'
import { items } from '../settings/lists.ts'
import { mapping } from '../settings/mapping.ts'
import { paper } from '../settings/paper.ts'
import { redis } from '../settings/redis.ts'

export type SettingName = keyof Config

const all = namesOf(settings)

/** How the events of a file or topic are read. */
export const ofReading: readonly SettingName[] = [
  ...namesOf(mapping),
  ...(['format', 'encoding', 'recordBytesMax', 'idBytesMax', 'futureMsMax'] as const),
]
export const settingsOfFiles: readonly SettingName[] = namesOf(files)
/** What says how a stream is kept up with: a log that waits for the learner needs nothing of it. */
const ofOverload: readonly SettingName[] = [
  ...(['overload', 'overloadLagMs', 'measureMin', 'debtEventsMax', 'idleReplays'] as const),
]
/** How lists are made of a model that compares pairs. */
const ofRanking: readonly SettingName[] = ['exact', 'order', 'candidates']
/** What a demo never touches: servers, topics, lists and checkpoints of the user. */
export const untouchedByDemo: readonly SettingName[] = [
  ...(['source', 'sink', 'deadLetters', 'checkpoints'] as const),
  ...namesOf(redis).filter((name) => name.startsWith('redis')),
  ...namesOf(kafka),
  ...namesOf(items).filter((name) => name !== 'repeats'),
  ...namesOf(updates),
]

const ofLearning = without([...namesOf(learning), ...namesOf(paper), 'repeats'], ofOverload)
const judging: readonly SettingName[] = [
  ...ofReading,
  ...without(ofLearning, ofRanking),
  ...(['positivesPerUserMax', 'removalsPerUserMax'] as const),
]

export const settingsRead = {
  run: all,
  rebuild: without(all, settingsOfFiles),
  demo: without(all, [...untouchedByDemo, 'follow', 'backlogAge']),
  pretrain: [
    ...ofReading,
    ...without(ofLearning, ofRanking),
    ...(['positivesPerUserMax', 'usersMax', 'itemsMax', 'batchRecordsMax', 'rate'] as const),
    ...(['turnEvents', 'training', 'deterministic', 'logLevel'] as const),
    ...(['checkpoints', 'checkpointsKept', 'checkpointBytesMax'] as const),
    ...namesOf(redis).filter((name) => name !== 'redisKeysPerPage'),
  ],
  prequential: judging,
  tune: judging,
} as const satisfies Readonly<Record<string, readonly SettingName[]>>

function namesOf(rows: object): SettingName[] {
  return Object.keys(rows) as SettingName[]
}

function without(
  names: readonly SettingName[],
  left: readonly SettingName[],
): readonly SettingName[] {
  return names.filter((name) => !left.includes(name))
}
