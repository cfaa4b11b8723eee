// Every setting of the worker, and the rules between them.

import { files } from './files.ts'
import { ingest } from './ingest.ts'
import { kafka, updates } from './kafka.ts'
import { learning } from './learning.ts'
import { items, lists } from './lists.ts'
import { mapping } from './mapping.ts'
import { checkRanking, paper } from './paper.ts'
import { processSettings } from './process.ts'
import { checkRedis, redis } from './redis.ts'
import type { ValuesOf } from './setting.ts'
import { watch } from './watch.ts'

/** In the order of --help and of docs/settings.md. */
export const settingGroups = {
  'What comes in': ingest,
  'What its fields mean': mapping,
  Files: files,
  'What is learned': learning,
  'The paper alone (parts rows)': paper,
  'What goes out': lists,
  'What may be listed': items,
  'Several workers': updates,
  'The process and its checkpoints': processSettings,
  'Watching and the gate': watch,
  Redis: redis,
  Kafka: kafka,
} as const

export const settings = {
  ...ingest,
  ...mapping,
  ...files,
  ...learning,
  ...paper,
  ...lists,
  ...items,
  ...updates,
  ...processSettings,
  ...watch,
  ...redis,
  ...kafka,
} as const

export type Config = ValuesOf<typeof settings>

/** Rules that need more than one setting. Returns one sentence per fault. */
export function checkTogether(config: Config): string[] {
  const faults: string[] = [...checkRedis(config), ...checkRanking(config)]
  if (config.tower === 'joint' && config.parts.some((part) => part !== 'rows')) {
    faults.push('--tower joint has no total order to fuse: use --parts rows, or --tower user')
  }
  const isRowsAlone = config.parts.every((part) => part === 'rows')
  if (config.rankThreads > 0 && (config.engine !== 'wasm' || isRowsAlone)) {
    const what = `--rank-threads ${config.rankThreads} has nothing to share`
    faults.push(`${what}: it needs --engine wasm and --parts other than rows alone, or set it to 0`)
  }
  return faults
}
