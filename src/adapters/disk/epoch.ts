// Which start of a worker owns a directory: a number in the name of an empty file, created exclusively.
// Nothing is ever rewritten, so no crash can take a number back or tear it.

import { closeSync, fsyncSync, openSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const digits = 9
const pattern = /^epoch-(\d{9,15})$/

/** The highest number claimed so far, 0 in a fresh directory. */
export function newestEpoch(directory: string): number {
  return Math.max(0, ...claimed(directory))
}

/** Claims the next number. Of several claimants at once each gets one of its own. */
export function claimNext(directory: string): number {
  for (;;) {
    const epoch = newestEpoch(directory) + 1
    if (!created(pathOf(directory, epoch))) continue
    syncDirectory(directory)
    // A slow claimant may have taken a number that had been given and tidied away: it tries again.
    if (newestEpoch(directory) === epoch) return epoch
    rmSync(pathOf(directory, epoch), { force: true })
  }
}

/** Removes the marks below `epoch`; the highest stays for good. */
export function dropOlderEpochs(directory: string, epoch: number): void {
  for (const old of claimed(directory)) {
    if (old < epoch) rmSync(pathOf(directory, old), { force: true })
  }
}

/** Makes names that were created, renamed or removed in it durable. */
export function syncDirectory(directory: string): void {
  const fd = openSync(directory, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function claimed(directory: string): number[] {
  return readdirSync(directory).flatMap((name) => {
    const number = pattern.exec(name)?.[1]
    return number === undefined ? [] : [Number(number)]
  })
}

function pathOf(directory: string, epoch: number): string {
  return join(directory, `epoch-${String(epoch).padStart(digits, '0')}`)
}

function created(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx'))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
