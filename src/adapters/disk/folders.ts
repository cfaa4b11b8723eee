// Makes a folder and those above it. Node's own recursive mkdir never returns where the kernel says ENOENT to a name
// whose folder exists, as it does below /proc: it burns a core, and no signal is heard.

import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** Does nothing where the folder exists. @throws the error of the file system */
export function makeFolder(path: string): void {
  try {
    makeLast(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const above = dirname(path)
    if (code !== 'ENOENT' || above === path) throw error
    makeFolder(above)
    makeLast(path)
  }
}

function makeLast(path: string): void {
  try {
    mkdirSync(path)
  } catch (error) {
    // Another process may make it at the same time. Where a file has the name, who writes into the folder is told.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
