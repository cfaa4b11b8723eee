// What the name of an action does: adds the item to what the user has, removes it, or is passed over.

import { splitOutside } from './path.ts'

export type Effect = 'ADD' | 'REMOVE' | 'SKIP'

export interface ActionRules {
  /** By name, exactly as it is written in the events. */
  readonly named: ReadonlyMap<string, Effect>
  /** For all other names but ADD and REMOVE; undefined: such an action is not mapped. */
  readonly others: Effect | undefined
}

export const noActionRules: ActionRules = { named: new Map(), others: undefined }

/** `purchase=add,view=skip,*=skip`; faults are pushed as sentences. */
export function parseActions(text: string, faults: string[]): ActionRules {
  if (text.trim() === '') return noActionRules
  const named = new Map<string, Effect>()
  let others: Effect | undefined
  for (const pair of splitOutside(text, ',')) {
    const cut = pair.lastIndexOf('=')
    const name = pair
      .slice(0, cut)
      .trim()
      .replace(/^"(.*)"$/, '$1')
    const effect = pair
      .slice(cut + 1)
      .trim()
      .toUpperCase()
    if (cut < 1 || (effect !== 'ADD' && effect !== 'REMOVE' && effect !== 'SKIP')) {
      faults.push(
        `actions: «${pair}» is not understood, expected NAME=add, NAME=remove or NAME=skip`,
      )
    } else if (name === '*') others = effect
    else named.set(name, effect)
  }
  return { named, others }
}

/** The effect of a name; undefined where nothing says what it does. */
export function effectOf(rules: ActionRules, name: string): Effect | undefined {
  const told = rules.named.size === 0 ? undefined : rules.named.get(name)
  if (told !== undefined) return told
  return name === 'ADD' || name === 'REMOVE' ? name : rules.others
}
