// Finished jobs, one line of JSON each, so that a study that was stopped goes on where it was: a job is known by what
// it is and by the data it is judged on. A line cut short by a crash is a job that is not finished.

import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder } from '../../adapters/disk/folders.ts'
import { Failure } from '../../errors.ts'
import type { Job, Outcome } from '../../lab/study/job.ts'

export interface Results {
  find(job: Job): readonly Outcome[] | undefined
  add(job: Job, outcomes: readonly Outcome[]): void
}

/** `data`: what tells one split from another. @throws Failure SINK_UNWRITABLE */
export function openResults(path: string, data: string): Results {
  const keyOf = (job: Job): string =>
    JSON.stringify([data, Object.entries(job).sort(([a], [b]) => (a < b ? -1 : 1))])
  const known = new Map<string, readonly Outcome[]>()
  guarded(path, () => {
    makeFolder(dirname(path))
    if (!existsSync(path)) return
    const text = readFileSync(path)
    const end = text.lastIndexOf('\n') + 1
    if (end < text.length) truncateSync(path, end)
    for (const line of text.subarray(0, end).toString('utf8').split('\n')) {
      if (line === '') continue
      const { key, outcomes } = JSON.parse(line) as { key: string; outcomes: Outcome[] }
      known.set(key, outcomes)
    }
  })
  return {
    find: (job) => known.get(keyOf(job)),
    add(job, outcomes) {
      const key = keyOf(job)
      known.set(key, outcomes)
      guarded(path, () => appendFileSync(path, `${JSON.stringify({ key, outcomes })}\n`))
    },
  }
}

function guarded(path: string, work: () => void): void {
  try {
    work()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Failure('SINK_UNWRITABLE', `the results in ${path} cannot be kept: ${why}`, { cause })
  }
}
