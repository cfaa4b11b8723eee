// Makes what is logged safe to show: no bytes, no secrets, no long texts, no deep objects. Errors keep name,
// code and message only, for libraries hang commands and their arguments, so payloads, on them.

const secretName =
  /pass(word|phrase|wd)$|^pwd$|secret|token|credential|authorization|api-?key|private/i
const textMax = 500
const entriesMax = 32
const depthMax = 3

/** Replaces every secret of `values` (of four characters and more) and the user part of URLs in a text. */
export function createRedactor(values: readonly string[]): (text: string) => string {
  const secrets = values.filter((value) => value.length >= 4)
  const forms = new Set(secrets.flatMap((one) => [one, escaped(one), encodeURIComponent(one)]))
  const longestFirst = [...forms].sort((a, b) => b.length - a.length)
  return (text) => {
    let safe = text.replaceAll(/\/\/[^/@\s"]*@/g, '//[redacted]@')
    for (const form of longestFirst) safe = safe.replaceAll(form, '[redacted]')
    return safe
  }
}

/** How a value stands inside a JSON string. */
function escaped(value: string): string {
  return JSON.stringify(value).slice(1, -1)
}

export function safeFacts(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return safeObject(facts, 0)
}

function safeObject(value: object, depth: number): Record<string, unknown> {
  const safe: Record<string, unknown> = {}
  let left = entriesMax
  for (const [key, one] of Object.entries(value)) {
    if (left-- === 0) {
      safe['…'] = `${Object.keys(value).length - entriesMax} more`
      break
    }
    safe[key] = secretName.test(key) ? '[redacted]' : safeValue(one, depth + 1)
  }
  return safe
}

function safeValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return shortened(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return safeError(value, depth)
  if (value instanceof Date) return value
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
  if (value instanceof Map || value instanceof Set) return `[${value.size} entries]`
  if (depth >= depthMax) return '[…]'
  if (!Array.isArray(value)) return safeObject(value, depth)
  const shown = value.slice(0, entriesMax).map((one) => safeValue(one, depth + 1))
  return shown.length === value.length ? shown : [...shown, `… ${value.length} in all`]
}

function safeError(error: Error, depth: number): Record<string, unknown> {
  const { code } = error as { code?: unknown }
  return {
    name: error.name,
    message: shortened(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    at: placesOf(error),
    ...(error.cause instanceof Error && depth < depthMax
      ? { cause: safeError(error.cause, depth + 1) }
      : {}),
  }
}

/** The top of the stack, without the message that a stack repeats. */
function placesOf(error: Error): string[] {
  const lines = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return lines.slice(0, 6).map((line) => line.trim().slice(3))
}

function shortened(text: string): string {
  return text.length <= textMax ? text : `${text.slice(0, textMax)}… (${text.length} characters)`
}
