// What the disk store says when it may not read, cannot write, or the place is another worker's.

import { Failure } from '../../errors.ts'

export function takenBy(directory: string, newest: number, epoch: number): Failure {
  return new Failure(
    'CHECKPOINT_TAKEN',
    `${directory}: worker ${newest} has claimed these checkpoints after this one (${epoch}); ` +
      'stop one of the two, or give each a directory of its own',
  )
}

export function withoutBase(directory: string, name: string): Failure {
  return new Failure(
    'CHECKPOINT_UNWRITABLE',
    `${directory}: expected ${name}, which the new checkpoint is made of, but it has gone; the new one is given up, ` +
      'and the next one will hold everything: let nothing but the worker delete there',
  )
}

/** Starting over because a right is missing would lose the learning: that is for a person to mend. */
export function refuseToRead(path: string, error: unknown): void {
  if (error instanceof Failure) throw error
  const code = errorCode(error)
  if (code !== 'EACCES' && code !== 'EPERM') return
  const text = `${path}: expected to be allowed to read it, got ${code}; give this user the right`
  throw new Failure('NOT_PERMITTED', text, { cause: error })
}

const anotherPlace = 'name another directory with --checkpoints'
const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free space',
  EDQUOT: 'the quota of this user is used up: free space',
  EACCES: `give this user the right to write there, or ${anotherPlace}`,
  EPERM: `give this user the right to write there, or ${anotherPlace}`,
  EROFS: `the file system is read-only: ${anotherPlace}`,
  ENOTDIR: `a file is in the way: ${anotherPlace}`,
}
const otherRemedy = `free space, give the right to write, or ${anotherPlace}`

export function unwritable(directory: string, error: unknown): Error {
  const code = errorCode(error)
  if (error instanceof Failure || code === undefined) return error as Error
  return new Failure(
    'CHECKPOINT_UNWRITABLE',
    `${directory}: expected to write a checkpoint, got ${(error as Error).message}; ` +
      `${remedies[code] ?? otherRemedy}; the checkpoints already there are kept`,
    { cause: error },
  )
}

export function errorCode(error: unknown): string | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException
  return syscall === undefined ? undefined : code
}
