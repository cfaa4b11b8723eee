// One row per setting: name, environment variable, default, unit, bounds and meaning in one place.
// The reader (config.ts), the printed table and docs/settings.md are all made from these rows.

import { z } from 'zod'

export interface Setting<T> {
  readonly env: string
  readonly help: string
  readonly unit: string
  readonly default: T
  /** For people: `1 … 65,535`, `file | kafka`. */
  readonly bounds: string
  /** Parses the text of an environment variable or flag, or the value of a settings file. */
  readonly schema: z.ZodType<T>
  /** Never printed: shown as [redacted]. */
  readonly secret: boolean
}

interface Common<T> {
  readonly env: string
  readonly help: string
  readonly default: T
  readonly unit?: string
}

function row<T>(
  common: Common<T>,
  bounds: string,
  schema: z.ZodType<T>,
  secret = false,
): Setting<T> {
  return { unit: '', ...common, bounds, schema, secret }
}

const numeric = z.union([z.number(), z.string().trim().min(1).transform(Number)])

export const setting = {
  integer(
    common: Common<number> & { readonly min: number; readonly max: number },
  ): Setting<number> {
    const { min, max } = common
    const bounds = `${min.toLocaleString('en-US')} … ${max.toLocaleString('en-US')}`
    return row(common, bounds, numeric.pipe(z.number().int().min(min).max(max)))
  },
  decimal(
    common: Common<number> & { readonly min: number; readonly max: number },
  ): Setting<number> {
    const { min, max } = common
    return row(common, `${min} … ${max}`, numeric.pipe(z.number().min(min).max(max)))
  },
  /** A decimal, or a word that stands for none. */
  decimalOr<const W extends string>(
    word: W,
    common: Common<number | W> & { readonly min: number; readonly max: number },
  ): Setting<number | W> {
    const { min, max } = common
    const bounds = `${word}, ${min.toLocaleString('en-US')} … ${max.toLocaleString('en-US')}`
    const value = numeric.pipe(z.number().min(min).max(max))
    return row<number | W>(common, bounds, z.union([z.literal(word), value]))
  },
  /** A whole number, or the word `all`. */
  allOr(
    common: Common<number | 'all'> & { readonly min: number; readonly max: number },
  ): Setting<number | 'all'> {
    const { min, max } = common
    const bounds = `all, ${min.toLocaleString('en-US')} … ${max.toLocaleString('en-US')}`
    const count = numeric.pipe(z.number().int().min(min).max(max))
    return row(common, bounds, z.union([z.literal('all'), count]))
  },
  /** A decimal that may be written with an x behind it: 3600x. */
  factor(common: Common<number> & { readonly min: number; readonly max: number }): Setting<number> {
    const { min, max } = common
    const written = z.string().regex(/^\d+(\.\d+)?x?$/)
    const value = z.union([z.number(), written.transform((text) => Number.parseFloat(text))])
    const bounds = `${min} … ${max.toLocaleString('en-US')}, as in 3600x`
    return row(common, bounds, value.pipe(z.number().min(min).max(max)))
  },
  choice<const C extends readonly string[]>(
    common: Common<C[number]> & { readonly of: C },
  ): Setting<C[number]> {
    return row(
      common,
      common.of.join(' | '),
      z.enum(common.of as unknown as [string, ...string[]]) as z.ZodType<C[number]>,
    )
  },
  list<const C extends readonly string[]>(
    common: Common<readonly C[number][]> & { readonly of: C },
  ): Setting<readonly C[number][]> {
    const one = z.enum(common.of as unknown as [string, ...string[]])
    const schema = z
      .union([
        z.array(one),
        z.string().transform((text) => text.split(',').map((part) => part.trim())),
      ])
      .pipe(z.array(one).min(1))
    return row(
      common,
      `some of ${common.of.join(', ')}`,
      schema as unknown as z.ZodType<readonly C[number][]>,
    )
  },
  flag(common: Common<boolean>): Setting<boolean> {
    const words = z.enum(['true', 'false', '1', '0', 'yes', 'no'])
    const schema = z.union([
      z.boolean(),
      words.transform((word) => word === 'true' || word === '1' || word === 'yes'),
    ])
    return row(common, 'true | false', schema)
  },
  text(
    common: Common<string> & { readonly max?: number; readonly secret?: boolean },
  ): Setting<string> {
    const max = common.max ?? 4096
    return row(common, `up to ${max} characters`, z.string().max(max), common.secret ?? false)
  },
} as const

export type Settings = Readonly<Record<string, Setting<unknown>>>
export type ValuesOf<S> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never }
