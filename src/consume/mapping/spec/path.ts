// The language in which a column is named: a column's name or number, a dotted path into JSON or Avro with `[]` for
// «each element», or what stands beside the record: @key, @timestamp, @header.NAME, @line. `a|b`: b where a is absent.

export type Step =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'each' }

export type Alternative =
  /** `literal`: the text as one name, for the header of a text file. `column`: a number from 1. */
  | {
      readonly kind: 'field'
      readonly literal: string
      readonly steps: readonly Step[]
      readonly column?: number
      /** From the record itself, whatever the shape: it began with `$`. */
      readonly absolute: boolean
    }
  | { readonly kind: 'key'; readonly steps: readonly Step[] }
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'line' }
  | { readonly kind: 'header'; readonly name: string }

export interface Path {
  /** As it was written. */
  readonly text: string
  readonly alternatives: readonly Alternative[]
}

export const pathBounds = { stepsMax: 16, alternativesMax: 16 } as const

/** Cuts at a character that stands outside of double quotes and square brackets. */
export function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = []
  let start = 0
  let quoted = false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '"') quoted = !quoted
    else if (quoted) continue
    else if (char === '[') depth++
    else if (char === ']') depth--
    else if (char === separator && depth <= 0) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts.map((part) => part.trim())
}

/** The path, or what is wrong with its text. */
export function parsePath(text: string): Path | string {
  const parts = splitOutside(text, '|')
  if (parts.length > pathBounds.alternativesMax) {
    return `has ${parts.length} alternatives, expected at most ${pathBounds.alternativesMax}`
  }
  const alternatives: Alternative[] = []
  for (const part of parts) {
    const parsed = parseAlternative(part)
    if (typeof parsed === 'string') return parsed
    alternatives.push(parsed)
  }
  return { text: text.trim(), alternatives }
}

function parseAlternative(text: string): Alternative | string {
  if (text === '') return 'is empty, expected a column or a path'
  if (text.startsWith('@')) return parseContext(text)
  if (/^[1-9]\d{0,3}$/.test(text)) {
    const column = Number(text)
    const steps: Step[] = [{ kind: 'index', index: column - 1 }]
    return { kind: 'field', literal: text, steps, column, absolute: false }
  }
  const steps = parseSteps(text.replace(/^\$\.?/, ''))
  if (typeof steps === 'string') return steps
  return { kind: 'field', literal: unquoted(text), steps, absolute: /^\$[.[]/.test(text) }
}

function parseContext(text: string): Alternative | string {
  if (text === '@timestamp') return { kind: 'timestamp' }
  if (text === '@line' || text === '@offset') return { kind: 'line' }
  if (text === '@key') return { kind: 'key', steps: [] }
  if (text.startsWith('@key.')) {
    const steps = parseSteps(text.slice('@key.'.length))
    if (typeof steps === 'string') return steps
    return steps.some(({ kind }) => kind === 'each') ? '@key takes no []' : { kind: 'key', steps }
  }
  if (/^@header\../.test(text)) return { kind: 'header', name: text.slice('@header.'.length) }
  return 'is none of @key, @key.NAME, @timestamp, @header.NAME and @line'
}

const stepPattern = /(?:^|\.)("(?:[^"]*)"|(?:\\.|[^.[\]"\\])+)|\[(\d{0,6}|\*|'[^']*'|"[^"]*")\]/y

function parseSteps(text: string): Step[] | string {
  const steps: Step[] = []
  for (let at = 0; at < text.length; at = stepPattern.lastIndex) {
    stepPattern.lastIndex = at
    const match = stepPattern.exec(text)
    if (match === null) return `is not a path: «${text.slice(at, at + 40)}» is not understood`
    steps.push(stepOf(match[1], match[2]))
    if (steps.length > pathBounds.stepsMax) return `has more than ${pathBounds.stepsMax} steps`
  }
  return steps
}

function stepOf(name: string | undefined, bracket: string | undefined): Step {
  if (name !== undefined) return { kind: 'name', name: unquoted(name).replaceAll(/\\(.)/g, '$1') }
  if (bracket === '' || bracket === '*') return { kind: 'each' }
  if (/^\d+$/.test(bracket ?? '')) return { kind: 'index', index: Number(bracket) }
  return { kind: 'name', name: (bracket ?? '').slice(1, -1) }
}

function unquoted(text: string): string {
  return /^".*"$/.test(text) ? text.slice(1, -1) : text
}
