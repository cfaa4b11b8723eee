// Finds long functions by their indentation, which the formatter guarantees: a function ends at the first line that
// closes a brace as far to the left as the function begins. Works on AssemblyScript, too, which no linter can parse.

export interface LongFunction {
  /** Counted from one. */
  readonly line: number
  readonly lines: number
  /** The text of its first line. */
  readonly opening: string
}

const opensFunction = [
  /^\s*(export )?(async )?function\b/,
  /=> \{$/,
  // A method: a name, arguments, and no keyword that looks the same.
  /^\s*(?!(if|for|while|switch|catch|return|else)\b)(async |override |get |set )*\w+(<.*>)?\(.*\)(: .+)? \{$/,
]

/** Functions of more than `most` lines, from the line that opens one to the line that closes it. */
export function longFunctions(text: string, most: number): LongFunction[] {
  const lines = text.split('\n')
  const found: LongFunction[] = []
  lines.forEach((opening, at) => {
    if (!opensFunction.some((pattern) => pattern.test(opening))) return
    const count = endOf(lines, at) - at + 1
    if (count > most) found.push({ line: at + 1, lines: count, opening: opening.trim() })
  })
  return found
}

function endOf(lines: readonly string[], start: number): number {
  const indent = /^\s*/.exec(lines[start] ?? '')?.[0] ?? ''
  for (let at = start + 1; at < lines.length; at++) {
    const line = lines[at] ?? ''
    // `}: Options): void {` closes the arguments and opens the body.
    if (line.startsWith(`${indent}}`) && !line.endsWith('{')) return at
    // An overload or a type: no body follows.
    if (line === '' && indent === '' && !(lines[start] ?? '').endsWith('{')) return start
  }
  return start
}
