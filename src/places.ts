// Where files lie that the program reads as they are. Built, this stands in dist/src/ by itself and in dist/bin/ as a
// part of the bundled program: both lie two folders below the root.

/** Of the package. */
export const packageRoot = new URL('../../', import.meta.url)
/** What the build has made of src, file by file. */
export const builtSources = new URL('dist/src/', packageRoot)
/** The entries of the program and of its threads. */
export const entries = new URL('./', import.meta.url)
