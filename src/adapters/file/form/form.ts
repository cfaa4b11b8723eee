// What the lines of a text file are: JSON, or cells and what separates them. Decided by the most of the first lines,
// never by one, and only then by the name.

import type { Separation } from './cells.ts'
import { splitCells } from './cells.ts'

export const fileFormats = ['ndjson', 'json', 'tsv', 'csv', 'movielens', 'spaces'] as const
export type FileFormat = (typeof fileFormats)[number]

export type Form =
  | { readonly kind: 'json' }
  | { readonly kind: 'cells'; readonly format: FileFormat; readonly separation: Separation }
  | { readonly kind: 'none' }

const json: Form = { kind: 'json' }

/** Separators in the order in which they are preferred where nothing else decides. */
const separators = ['\t', '::', ';', '|', ','] as const
type Delimiter = Separation['delimiter']

/** @param lines the first lines, without the blank ones */
export function formOf(lines: readonly string[], asked: FileFormat | 'auto', name: string): Form {
  if (asked === 'ndjson' || asked === 'json') return json
  if (asked === 'tsv') return cells('tsv', '\t', lines)
  if (asked === 'movielens') return cells('movielens', '::', lines)
  if (asked === 'spaces') return cells('spaces', 'blanks', lines)
  if (asked === 'csv') {
    return cells('csv', bestOf(lines, [',', ';', '|', '\t']) ?? ',', lines)
  }
  const objects = lines.filter((line) => /^\s*[{[]/.test(line)).length
  if (2 * objects > lines.length) return json
  const delimiter = bestOf(lines, separators) ?? bestOf(lines, ['blanks'])
  if (delimiter !== undefined) return cells(formatOf(delimiter), delimiter, lines)
  return 2 * objects === lines.length || isNamedJson(name) ? json : { kind: 'none' }
}

function isNamedJson(name: string): boolean {
  return /\.(ndjson|jsonl|json)(\.\w+)?$/i.test(name)
}

function formatOf(delimiter: Delimiter): FileFormat {
  if (delimiter === '\t') return 'tsv'
  if (delimiter === '::') return 'movielens'
  return delimiter === 'blanks' ? 'spaces' : 'csv'
}

function cells(format: FileFormat, delimiter: Delimiter, lines: readonly string[]): Form {
  const quoted = delimiter === '\t' ? isQuoted(lines) : delimiter !== '::'
  return { kind: 'cells', format, separation: { delimiter, quoted } }
}

/** Titles in tab-separated text have quotes of their own: only where most lines are quoted are they more than text. */
function isQuoted(lines: readonly string[]): boolean {
  const some = lines.filter((line) => /(?:^|\t)"[^"\t]*"(?:\t"|$)/.test(line)).length
  return 2 * some > lines.length
}

/** The separator that cuts most lines into equally many cells; undefined where none cuts half of them. */
function bestOf(lines: readonly string[], among: readonly Delimiter[]): Delimiter | undefined {
  let best: Delimiter | undefined
  let most = 0
  for (const delimiter of among) {
    const widths = new Map<number, number>()
    for (const line of lines) {
      const width = splitCells(line, { delimiter, quoted: delimiter !== '\t' }).length
      widths.set(width, (widths.get(width) ?? 0) + 1)
    }
    for (const [width, count] of widths) {
      const score = width < 2 || 2 * count < lines.length ? 0 : (width * count) / lines.length
      if (score > most) [best, most] = [delimiter, score]
    }
  }
  return best
}

/** What a delimiter is called in messages. */
export function separatorName(delimiter: Delimiter): string {
  const names: Partial<Record<Delimiter, string>> = { '\t': 'tab', blanks: 'blanks' }
  return names[delimiter] ?? delimiter
}
