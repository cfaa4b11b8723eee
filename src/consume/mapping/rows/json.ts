// JSON whose long integers must not be rounded: they are put into quotes before the text is parsed. Only for texts in
// which an id is such a number; all others are parsed as they are.

const stringsAndLongIntegers = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g

/** @param text JSON that has been parsed before, so that every quote in it closes */
export function withLongIntegersAsText(text: string): string {
  return text.replaceAll(stringsAndLongIntegers, (token) =>
    token[0] === '"' ? token : `"${token}"`,
  )
}

/** The value with its long integers as texts, or undefined for what is no JSON. */
export function parseExact(text: string): unknown {
  try {
    JSON.parse(text)
    return JSON.parse(withLongIntegersAsText(text))
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
