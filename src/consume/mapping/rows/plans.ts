// Over which array of a record its rows are made. The item's path decides; a role whose path goes through fewer arrays
// holds for all rows inside, and one through other arrays cannot be combined.

import { Failure } from '../../../errors.ts'
import type { Alternative, Path, Step } from '../spec/path.ts'
import { type Role, roles } from '../spec/shapes.ts'
import { contextGetter, firstOf, type Get, stepsGetter } from './values.ts'

/** One array, or none, over whose elements the rows are made; the depth of a role counts its arrays. */
export interface Plan {
  readonly chain: readonly ((value: unknown) => unknown)[]
  readonly gets: Readonly<Record<Role, Get>>
  readonly depths: Readonly<Record<Role, number>>
}

interface Cut {
  /** The arrays that the path goes through, as text. */
  readonly chain: readonly string[]
  readonly arrays: readonly (readonly Step[])[]
  readonly rest: readonly Step[]
  readonly one: Alternative
}

const others = roles.filter((role) => role !== 'item')

/** One plan per array, or none, that the item's alternatives go through, in their order. */
export function plansOf(paths: Readonly<Partial<Record<Role, Path>>>): Plan[] {
  const cuts = Object.fromEntries(
    roles.map((role) => [role, (paths[role]?.alternatives ?? []).map(cutAtArrays)]),
  ) as Record<Role, Cut[]>
  const plans = new Map<string, Plan>()
  for (const item of cuts.item) {
    const firsts = others.flatMap((role) => cuts[role].slice(0, 1))
    const widest = firsts.reduce((a, b) => (extendsChain(b, a) ? b : a), item)
    const name = widest.chain.join(' ')
    if (!plans.has(name)) plans.set(name, planFor(widest, cuts, paths))
  }
  if (plans.size === 0) plans.set('', planFor(cutAtArrays(noItem), cuts, paths))
  return [...plans.values()]
}

const noItem: Alternative = { kind: 'field', literal: '', steps: [], absolute: true }

function extendsChain(longer: Cut, shorter: Cut): boolean {
  return longer.chain.length > shorter.chain.length && startsAlike(shorter, longer)
}

function startsAlike(shorter: Cut, longer: Cut): boolean {
  return shorter.chain.every((text, k) => text === longer.chain[k])
}

function planFor(
  widest: Cut,
  cuts: Readonly<Record<Role, readonly Cut[]>>,
  paths: Readonly<Partial<Record<Role, Path>>>,
): Plan {
  const gets: Partial<Record<Role, Get>> = {}
  const depths: Partial<Record<Role, number>> = {}
  for (const role of roles) {
    const fit = cuts[role].filter((cut) => startsAlike(cut, widest))
    if (fit.length === 0 && cuts[role].length > 0) {
      const message = `--columns: ${role}=${paths[role]?.text} and item=${paths.item?.text} go through different arrays`
      throw new Failure('SETTINGS_INVALID', message)
    }
    // Where alternatives stand at different depths, the deepest array decides: the others are read there as they are.
    const depth = Math.max(0, ...fit.map(({ chain }) => chain.length))
    const alike = fit.filter(({ chain, one }) => chain.length === depth || one.kind !== 'field')
    gets[role] = firstOf(
      alike.map(({ one, rest }) => (one.kind === 'field' ? stepsGetter(rest) : contextGetter(one))),
    )
    depths[role] = depth
  }
  return {
    chain: widest.arrays.map(stepsGetter),
    gets: gets as Record<Role, Get>,
    depths: depths as Record<Role, number>,
  }
}

function cutAtArrays(one: Alternative): Cut {
  if (one.kind !== 'field') return { chain: [], arrays: [], rest: [], one }
  const arrays: Step[][] = []
  let rest: Step[] = []
  for (const step of one.steps) {
    if (step.kind === 'each') {
      arrays.push(rest)
      rest = []
    } else rest.push(step)
  }
  return { chain: arrays.map((steps) => JSON.stringify(steps)), arrays, rest, one }
}
