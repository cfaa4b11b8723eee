// Classes of a Java server that is started several times, as Java has loaded and checked them once: a start that takes
// them from a file takes two thirds of the processor time. Made by a start for nothing, the first time, and kept beside
// the programs.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { RunningProcess } from './process.ts'
import { type Java, once, type Workshop } from './tools.ts'

/** Writing the archive takes a while. */
const stopMsMax = 120_000

/** Flags for the server `name`; none where it lives long enough not to care, or where its Java cannot do it. */
export async function archivedClasses(
  shop: Workshop,
  name: string,
  { version }: Java,
  start: (flags: readonly string[]) => Promise<RunningProcess>,
): Promise<readonly string[]> {
  if (shop.isBrief !== true) return []
  const fileIn = (folder: string): string => join(folder, 'classes.jsa')
  const folder = await once(shop, `${name}-classes-of-java-${version}`, async (beside) => {
    const server = await start([`-XX:ArchiveClassesAtExit=${fileIn(beside)}`])
    await server.stop(stopMsMax)
  })
  return existsSync(fileIn(folder)) ? [`-XX:SharedArchiveFile=${fileIn(folder)}`] : []
}
