// Directories of checkpoints for a file of tests, removed after it, and the stores that are opened over them.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { createDiskCheckpointStore } from '../../../src/adapters/disk/checkpoint-store.ts'
import { Failure } from '../../../src/errors.ts'
import type { CheckpointStore } from '../../../src/ports/checkpoint-store.ts'

const root = mkdtempSync(join(tmpdir(), 'checkpoints-'))
after(() => rmSync(root, { recursive: true }))
let places = 0

/** Below one that is not there yet, either. */
export function freshDirectory(): string {
  return join(root, `place-${places++}`, 'below')
}

export function openAt(directory: string, kept = 3): CheckpointStore {
  return createDiskCheckpointStore({ directory, kept, bytesMax: 2 ** 30 })
}

export function hasCode(code: string) {
  return (error: unknown) => error instanceof Failure && error.code === code
}
