// Lines of one file to records: the first lines are held until it is clear how they are to be read, and then they and
// all others are (read-lines.ts). The offset of a record is the number of its (first) line, from 0.

import { refuse } from '../../consume/mapping/detect/reading.ts'
import type { SourceRecord } from '../../types.ts'
import { isBlank, type Layout, type LayoutOptions, layoutOf } from './form/layout.ts'
import type { Overlong } from './form/pieces.ts'
import type { Marker } from './mark.ts'
import { createLineReader, type LineReader, type ReadLine } from './read-lines.ts'

export interface RecordOptions extends LayoutOptions {
  readonly stream: string
  /** Records before this offset are read but not given. */
  readonly from: number
  readonly recordBytesMax: number
  readonly onRecord: (record: SourceRecord) => void
  readonly onLayout?: (layout: Layout) => void
  readonly marker?: Marker
}

export interface RecordMaker {
  line(bytes: Buffer, number: number, overlong?: Overlong): void
  /** Values instead of lines come: each is JSON. Called before the first. */
  values(): void
  /** No more is there for now: what is clear is decided. */
  pause(): void
  /** The file has ended. */
  end(): void
}

/** Of the first lines, held until they are judged. */
const heldBytesMax = 8 * 1024 * 1024

export function createRecordMaker(options: RecordOptions): RecordMaker {
  const { stream } = options
  const { sampleRecords, ratingMin } = options.spec.settings
  let isStream = false
  let held: ReadLine[] = []
  let heldBytes = 0
  /** undefined: the first lines have not been judged yet. */
  let reader: LineReader | undefined

  /** `last`: there is no more to judge by. */
  function decide(last: boolean): void {
    const lines = held.filter(({ overlong }) => overlong === undefined)
    if (lines.every(({ bytes }) => isBlank(bytes)) && !last) return
    const layout = layoutOf(stream, lines, isStream, options)
    // More lines may yet make it clear.
    if (layout.reading.refusal !== undefined && !last) return
    options.onLayout?.(layout)
    refuse(layout.reading, stream)
    reader = createLineReader({ ...options, layout, ignoresRatings: ratingMin === 'any' })
    const first = held
    held = []
    heldBytes = 0
    for (const line of first) reader.read(line.bytes, line.number, line.overlong)
  }

  return {
    values() {
      isStream = true
    },
    line(bytes, number, overlong) {
      if (reader !== undefined) return reader.read(bytes, number, overlong)
      held.push({ bytes, number, overlong })
      heldBytes += bytes.length
      if (held.length > sampleRecords || heldBytes > heldBytesMax) decide(true)
    },
    pause() {
      if (reader === undefined && held.length > 0) decide(false)
    },
    end() {
      if (reader === undefined && held.length > 0) decide(true)
      reader?.end()
    },
  }
}
