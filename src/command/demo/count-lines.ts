// How many lines a file has, plain or packed, so that the bar knows its end: one quick pass before the demo begins.

import { statSync } from 'node:fs'
import { readChunks } from '../../adapters/file/bytes/chunks.ts'
import { TornInput, unpacked } from '../../adapters/file/bytes/unpack.ts'

/** A longer file would keep a person waiting; its bar has no end. */
const bytesMax = 500_000_000
const lineFeed = 10

/** undefined for what is not one file of moderate size. @throws Failure SOURCE_UNREADABLE */
export async function countLines(path: string): Promise<number | undefined> {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isFile() !== true || found.size > bytesMax) return undefined
  let lines = 0
  try {
    for await (const chunk of unpacked(readChunks(path), path)) {
      for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, at + 1)) lines++
    }
  } catch (error) {
    // What could be unpacked is read; the run puts the rest to the dead letters.
    if (!(error instanceof TornInput)) throw error
  }
  return lines
}
