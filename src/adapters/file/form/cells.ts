// Lines of a table to cells: one separator, or runs of blanks; where cells may stand in double quotes, a doubled quote
// is one and a line end inside belongs to the cell.

/** `blanks`: spaces and tabs, any number of them between two cells. */
export interface Separation {
  readonly delimiter: '\t' | ',' | ';' | '|' | '::' | 'blanks'
  /** A cell that begins with a double quote ends with one. */
  readonly quoted: boolean
}

const quote = '"'

export function splitCells(line: string, { delimiter, quoted }: Separation): string[] {
  if (delimiter === 'blanks') return splitBlanks(line, quoted)
  if (!quoted || !line.includes(quote)) return line.split(delimiter)
  const cells: string[] = []
  for (let at = 0; at <= line.length; ) {
    let cell = ''
    const opens = afterBlanks(line, at)
    if (line[opens] === quote) {
      const closed = /"((?:[^"]|"")*)"?/y
      closed.lastIndex = opens
      const [whole = '', inner = ''] = closed.exec(line) ?? []
      cell = inner.replaceAll('""', quote)
      at = opens + whole.length
    }
    const end = line.indexOf(delimiter, at)
    cells.push(cell + line.slice(at, end < 0 ? line.length : end))
    at = end < 0 ? line.length + 1 : end + delimiter.length
  }
  return cells
}

function splitBlanks(line: string, quoted: boolean): string[] {
  const trimmed = line.trim()
  if (!quoted || !trimmed.includes(quote)) return trimmed.split(/[ \t]+/)
  return [...trimmed.matchAll(/"((?:[^"]|"")*)"|[^ \t]+/g)].map(([cell, inner]) =>
    inner === undefined ? cell : inner.replaceAll('""', quote),
  )
}

function afterBlanks(line: string, start: number): number {
  let at = start
  while (line[at] === ' ') at++
  return at
}

/** Whether the line ends inside a quoted cell; `open`: it begins inside of one. */
export function endsInQuotes(line: string, separation: Separation, open: boolean): boolean {
  const { delimiter, quoted } = separation
  if (!quoted || delimiter === 'blanks') return false
  let at = open ? -1 : 0
  for (;;) {
    if (at >= 0) {
      const opens = afterBlanks(line, at)
      if (line[opens] !== quote) {
        const next = line.indexOf(delimiter, opens)
        if (next < 0) return false
        at = next + delimiter.length
        continue
      }
      at = opens + 1
    } else at = 0
    const closes = closing(line, at)
    if (closes < 0) return true
    const next = line.indexOf(delimiter, closes + 1)
    if (next < 0) return false
    at = next + delimiter.length
  }
}

/** Where the quote closes that opened before `start`; -1: not in this line. */
function closing(line: string, start: number): number {
  for (let at = line.indexOf(quote, start); at >= 0; at = line.indexOf(quote, at + 2)) {
    if (line[at + 1] !== quote) return at
  }
  return -1
}
