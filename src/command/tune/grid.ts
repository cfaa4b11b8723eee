// The grid of online learning: settings and numbers of the plan with the values to try, one at a time from the
// defaults. A key that is a setting's name changes the setting; a key with slashes is a path into the plan
// (networks by their name), such as networks/history.nbpr/draws/replays.

import { readFileSync } from 'node:fs'
import { Failure } from '../../errors.ts'
import { settings } from '../../settings/all.ts'
import type { LearnerPlan } from '../../trainer/model/plan.ts'

export type Grid = Readonly<Record<string, readonly unknown[]>>

const long = { kind: 'long', length: 100, power: 0.5 }
const short = { kind: 'short', length: 10, power: 0.5, decay: 0.8 }
const session = { kind: 'time', length: 30, power: 0.5, seconds: 600 }
const moment = { ...session, seconds: 60 }
const day = { ...session, length: 100, seconds: 86_400 }

const nbpr = 'networks/history.nbpr'
const clock = 'networks/history.clock'
const dncr = 'networks/history.dncr'
const rows = 'networks/rows.nbpr'

export const defaultGrid: Grid = {
  freshShare: [0, 0.25, 0.5, 0.75],
  freshWindow: [50, 200, 1_000],
  negatives: [2, 4, 8],
  choices: [2, 4, 8],
  historyRate: [0.1, 0.15, 0.2],
  historyL2: [0.003, 0.006, 0.012],
  rowsRate: [0.1, 0.2, 0.3],
  rowsL2: [0.01, 0.02, 0.04],
  fusionRate: [0.02, 0.05, 0.1],
  factors: [16, 32, 64],
  parts: ['history,rows,neighbours', 'history,rows,trend', 'history,neighbours,trend'],
  model: ['nbpr', 'neupr'],
  [`${nbpr}/draws/perImmediate`]: [1, 4, 8],
  [`${nbpr}/draws/replays`]: [0, 1, 2, 4],
  [`${nbpr}/draws/perReplay`]: [1, 4, 8],
  [`${nbpr}/spec/noise`]: [0.01, 0.02, 0.05],
  [`${nbpr}/spec/startItem`]: [false, true],
  [`${nbpr}/spec/blocks`]: [
    [short, session],
    [long, session],
    [long, short],
    [long, short, session],
    [long, short, session, moment],
    [long, short, session, day],
    [long, short, session, moment, day],
    [{ ...long, length: 50 }, short, session],
    [long, { ...short, decay: 0.7 }, session],
    [long, { ...short, decay: 0.9, length: 20 }, session],
  ],
  [`${clock}/draws/perImmediate`]: [1, 3, 6],
  [`${clock}/draws/replays`]: [0, 1, 2],
  [`${dncr}/draws/perImmediate`]: [1, 4, 8],
  [`${dncr}/draws/replays`]: [0, 1, 2],
  [`${rows}/draws/immediate`]: [1, 3, 6],
  [`${rows}/draws/replays`]: [2, 4, 8],
  [`${rows}/returningUserBias`]: [0, 0.3, 0.6, 1],
  [`${rows}/returningLongBias`]: [0, 0.3, 0.6, 1],
  'fusion/newUserLength': [5, 20, 50],
  'fusion/awaySeconds': [600, 86_400, 864_000],
  'neighbours/returningUserBias': [0, 0.2, 0.5],
  'neighbours/window': [10, 20, 50],
  trendHalfLives: [
    [1_000],
    [100, 1_000, 10_000],
    [100, 1_000, 10_000, 100_000],
    [30, 100, 1_000, 10_000, 100_000, 1_000_000],
  ],
}

/** Names of the plan's own numbers that are no settings and need no path. */
const planNames = ['trendHalfLives']

/** @throws Failure SETTINGS_INVALID for a file that is no grid. */
export function readGrid(path: string | undefined): Grid {
  if (path === undefined) return defaultGrid
  let given: unknown
  try {
    given = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new Failure('SETTINGS_INVALID', `the grid ${path} cannot be read: ${cause}`, { cause })
  }
  const faults = Object.entries((given ?? {}) as object).flatMap(([key, values]) => {
    if (!Array.isArray(values)) return [`${key} needs a list of values`]
    return isOfPlan(key) || key in settings ? [] : [`${key} is neither a setting nor a path`]
  })
  if (faults.length === 0 && typeof given === 'object') return given as Grid
  throw new Failure('SETTINGS_INVALID', `the grid ${path}: ${faults.join('; ') || 'no object'}`)
}

export function isOfPlan(key: string): boolean {
  return key.includes('/') || planNames.includes(key)
}

/** The plan with another value at the path. @throws Failure SETTINGS_INVALID where there is nothing. */
export function changedPlan(plan: LearnerPlan, key: string, value: unknown): LearnerPlan {
  const copy = structuredClone(plan)
  const steps = key.split('/')
  let at: unknown = copy
  for (const step of steps.slice(0, -1)) at = enter(at, step)
  const last = steps.at(-1)!
  if (typeof at !== 'object' || at === null || !(last in at)) {
    throw new Failure('SETTINGS_INVALID', `the plan has nothing at ${key}`)
  }
  Object.assign(at, { [last]: value })
  return copy
}

/** The value at the path now. */
export function valueAt(plan: LearnerPlan, key: string): unknown {
  return key.split('/').reduce<unknown>(enter, plan)
}

function enter(at: unknown, step: string): unknown {
  if (Array.isArray(at)) return at.find((one) => one?.spec?.name === step)
  return typeof at === 'object' && at !== null ? Reflect.get(at, step) : undefined
}
