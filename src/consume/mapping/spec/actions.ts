// What the name of an action does: adds the item to what the user has, with a weight, removes it, or is passed over.

import type { Kind } from '../../../types.ts'
import { splitOutside } from './path.ts'

export type Effect = 'ADD' | 'REMOVE' | 'SKIP'

export interface Rule {
  readonly effect: Effect
  /** What events of the action carry along; absent where only ADD and REMOVE are known. */
  readonly kind?: Kind
}

export interface ActionRules {
  /** By name, exactly as it is written in the events. */
  readonly named: ReadonlyMap<string, Rule>
  /** For all other names but ADD and REMOVE; undefined: such an action is not mapped. */
  readonly others: Rule | undefined
  /** ADD, which an event without an action is, too, and REMOVE, where they are not named. */
  readonly plain: Readonly<Record<'ADD' | 'REMOVE', Rule>>
}

const plain = { ADD: { effect: 'ADD' }, REMOVE: { effect: 'REMOVE' } } as const

const expected =
  'expected NAME=add, NAME=remove or NAME=skip; add may have a weight and be listable: NAME=add:0.2:listable'

/**
 * `purchase=add,view=add:0.2:listable,*=skip`, and `inherited`, which it goes before; faults are pushed as sentences.
 * `measured`: names of the actions that are predicted and measured, empty for all.
 */
export function parseActions(
  text: string,
  inherited: string,
  measured: string,
  faults: string[],
): ActionRules {
  const rules = new Map([...parseRules(inherited, faults), ...parseRules(text, faults)])
  const wanted = splitOutside(measured, ',').filter((name) => name !== '')
  const known = [...rules].filter(([, { effect }]) => effect === 'ADD').map(([name]) => name)
  const adding = known.includes('ADD') ? known : [...known, 'ADD']
  for (const name of wanted) {
    if (adding.includes(unquoted(name))) continue
    const names = adding.map((one) => `«${one}»`).join(', ')
    faults.push(
      `--measure-actions: «${name}» is no action that adds an item, expected some of ${names}`,
    )
  }
  if (rules.size === 0) return { named: rules, others: undefined, plain }
  const names = new Set(wanted.map(unquoted))
  const isMeasured = (name: string): boolean => names.size === 0 || names.has(name)
  const ruleOf = (name: string, { effect, weight, listable }: Told): Rule =>
    effect === 'SKIP'
      ? { effect }
      : { effect, kind: { name, weight, listable, measured: isMeasured(name) } }
  const named = new Map([...rules].map(([name, told]) => [name, ruleOf(name, told)] as const))
  const others = named.get('*')
  named.delete('*')
  const ofPlain = (effect: 'ADD' | 'REMOVE') =>
    ruleOf(effect, { effect, weight: 1, listable: false })
  return { named, others, plain: { ADD: ofPlain('ADD'), REMOVE: ofPlain('REMOVE') } }
}

interface Told {
  readonly effect: Effect
  readonly weight: number
  readonly listable: boolean
}

function parseRules(text: string, faults: string[]): [string, Told][] {
  if (text.trim() === '') return []
  return splitOutside(text, ',').flatMap((pair): [string, Told][] => {
    const cut = pair.lastIndexOf('=')
    const [word = '', ...parts] = pair.slice(cut + 1).split(':')
    const effect = word.trim().toUpperCase()
    if (cut < 1 || (effect !== 'ADD' && effect !== 'REMOVE' && effect !== 'SKIP')) {
      faults.push(`--actions: «${pair}» is not understood, ${expected}`)
      return []
    }
    const told = readParts(parts, effect)
    if (typeof told === 'string') {
      faults.push(`--actions: «${pair}» ${told}`)
      return []
    }
    return [[unquoted(pair.slice(0, cut).trim()), { effect, ...told }]]
  })
}

/** What stands behind the effect, or what is wrong with it. */
function readParts(parts: readonly string[], effect: Effect): Omit<Told, 'effect'> | string {
  if (parts.length > 0 && effect !== 'ADD') return 'has a weight or a flag, which only add takes'
  let weight: number | undefined
  let listable = false
  for (const part of parts.map((one) => one.trim())) {
    if (part.toLowerCase() === 'listable') {
      if (listable) return 'says listable twice'
      listable = true
    } else if (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(part)) {
      if (weight !== undefined) return 'has two weights'
      weight = Number(part)
      if (!(weight > 0 && weight <= 1)) return `has the weight ${part}, expected one in (0, 1]`
      if (Math.abs(weight * 1_000 - Math.round(weight * 1_000)) > 1e-9) {
        return `has the weight ${part}, expected at most three decimals, from 0.001 on`
      }
    } else return `has «${part}», expected a weight in (0, 1] such as 0.2, or the flag listable`
  }
  return { weight: weight ?? 1, listable }
}

function unquoted(name: string): string {
  return name.replace(/^"(.*)"$/, '$1')
}

/** What a name does; undefined where nothing says it. */
export function ruleFor(rules: ActionRules, name: string): Rule | undefined {
  const told = rules.named.size === 0 ? undefined : rules.named.get(name)
  if (told !== undefined) return told
  return name === 'ADD' || name === 'REMOVE' ? rules.plain[name] : rules.others
}

/** Names of the actions that an event can carry along; `*` stands for those that are not named. */
export function kindNames({ named, others, plain: { ADD, REMOVE } }: ActionRules): string[] {
  const rules = [...named.values(), ADD, REMOVE, ...(others === undefined ? [] : [others])]
  return [...new Set(rules.flatMap(({ kind }) => kind?.name ?? []))]
}

/** Whether an action weighs less than a full ADD, or leaves its item in lists. */
export function hasWeights({ named, others }: ActionRules): boolean {
  return [...named.values(), ...(others === undefined ? [] : [others])].some(
    ({ kind }) => kind !== undefined && (kind.weight !== 1 || kind.listable),
  )
}
