// One row per setting: name, environment variable, default, unit, bounds and meaning in one place.
// The reader (config.ts), the printed table and docs/settings.md are all made from these rows.

/** The flag of a setting: recordBytesMax is --record-bytes-max. */
export function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** The value that was given, as a flag, a variable or in a file; undefined: it is refused. */
export type Parse<T> = (given: unknown) => T | undefined

interface Range {
  readonly min: number
  readonly max: number
}

export interface Setting<T> {
  readonly env: string
  readonly help: string
  readonly unit: string
  readonly default: T
  /** For people: `1 … 65,535`, `file | kafka`. */
  readonly bounds: string
  /** Takes the text of an environment variable or flag, or the value of a settings file. */
  readonly parse: Parse<T>
  /** Never printed: shown as [redacted]. */
  readonly secret: boolean
}

interface Common<T> {
  readonly env: string
  readonly help: string
  readonly default: T
  readonly unit?: string
}

function row<T>(common: Common<T>, bounds: string, parse: Parse<T>, secret = false): Setting<T> {
  return { unit: '', ...common, bounds, parse, secret }
}

function decimalIn({ min, max }: Range): Parse<number> {
  return (given) => {
    const isText = typeof given === 'string' && given.trim() !== ''
    const value = isText ? Number(given) : given
    return typeof value === 'number' && value >= min && value <= max ? value : undefined
  }
}

function integerIn(range: Range): Parse<number> {
  const decimal = decimalIn(range)
  return (given) => {
    const value = decimal(given)
    return Number.isSafeInteger(value) ? value : undefined
  }
}

function oneOf<const T>(values: readonly T[]): Parse<T> {
  return (given) => values.find((value) => value === given)
}

/** What the first takes, else what the second takes. */
function either<A, B>(first: Parse<A>, second: Parse<B>): Parse<A | B> {
  return (given) => first(given) ?? second(given)
}

export const setting = {
  integer(
    common: Common<number> & { readonly min: number; readonly max: number },
  ): Setting<number> {
    const { min, max } = common
    const bounds = `${grouped(min)} … ${grouped(max)}`
    return row(common, bounds, integerIn(common))
  },
  decimal(
    common: Common<number> & { readonly min: number; readonly max: number },
  ): Setting<number> {
    const { min, max } = common
    return row(common, `${min} … ${max}`, decimalIn(common))
  },
  /** A decimal, or a word that stands for none. */
  decimalOr<const W extends string>(
    word: W,
    common: Common<number | W> & { readonly min: number; readonly max: number },
  ): Setting<number | W> {
    const { min, max } = common
    const bounds = `${word}, ${grouped(min)} … ${grouped(max)}`
    return row<number | W>(common, bounds, either(oneOf([word]), decimalIn(common)))
  },
  /** A whole number, or the word `all`. */
  allOr(
    common: Common<number | 'all'> & { readonly min: number; readonly max: number },
  ): Setting<number | 'all'> {
    const { min, max } = common
    const bounds = `all, ${grouped(min)} … ${grouped(max)}`
    return row<number | 'all'>(common, bounds, either(oneOf(['all']), integerIn(common)))
  },
  /** A decimal that may be written with an x behind it: 3600x. */
  factor(common: Common<number> & { readonly min: number; readonly max: number }): Setting<number> {
    const { min, max } = common
    const decimal = decimalIn(common)
    const parse: Parse<number> = (given) => {
      if (typeof given === 'number') return decimal(given)
      const isFactor = typeof given === 'string' && /^\d+(\.\d+)?x?$/.test(given)
      return isFactor ? decimal(Number.parseFloat(given)) : undefined
    }
    const bounds = `${min} … ${grouped(max)}, as in 3600x`
    return row(common, bounds, parse)
  },
  choice<const C extends readonly string[]>(
    common: Common<C[number]> & { readonly of: C },
  ): Setting<C[number]> {
    return row(common, common.of.join(' | '), oneOf<C[number]>(common.of))
  },
  list<const C extends readonly string[]>(
    common: Common<readonly C[number][]> & { readonly of: C },
  ): Setting<readonly C[number][]> {
    const parse: Parse<readonly C[number][]> = (given) => {
      const parts = typeof given === 'string' ? given.split(',').map((part) => part.trim()) : given
      if (!Array.isArray(parts) || parts.length === 0) return undefined
      return parts.every((part) => common.of.includes(part)) ? parts : undefined
    }
    return row(common, `some of ${common.of.join(', ')}`, parse)
  },
  flag(common: Common<boolean>): Setting<boolean> {
    const yes: readonly unknown[] = [true, 'true', '1', 'yes']
    const no: readonly unknown[] = [false, 'false', '0', 'no']
    const parse: Parse<boolean> = (given) => {
      if (yes.includes(given)) return true
      return no.includes(given) ? false : undefined
    }
    return row(common, 'true | false', parse)
  },
  text(
    common: Common<string> & { readonly max?: number; readonly secret?: boolean },
  ): Setting<string> {
    const max = common.max ?? 4096
    const parse: Parse<string> = (given) =>
      typeof given === 'string' && given.length <= max ? given : undefined
    return row(common, `up to ${max} characters`, parse, common.secret ?? false)
  },
} as const

/** 10,000 for 10000. By hand: the first number that the language formats costs a start 20 ms. */
function grouped(n: number): string {
  return String(n).replace(/(?<!\.\d*)\B(?=(\d{3})+(?!\d))/g, ',')
}

export type Settings = Readonly<Record<string, Setting<unknown>>>
export type ValuesOf<S> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never }
