// What is learned, from which draws, at which rates.

import { setting } from './setting.ts'

export const partNames = ['history', 'rows', 'neighbours', 'trend'] as const

export const learning = {
  parts: setting.list({
    env: 'NEUPR_PARTS',
    default: partNames,
    of: partNames,
    help: 'what the score is fused from; rows alone is the paper',
  }),
  model: setting.choice({
    env: 'NEUPR_MODEL',
    default: 'neupr',
    of: ['nbpr', 'dncr', 'neupr'],
    help: 'what the learned parts are made of',
  }),
  tower: setting.choice({
    env: 'NEUPR_TOWER',
    default: 'user',
    of: ['user', 'joint'],
    help: "DNCR's tower: over the user alone (a total order) or joint over [user; item; -item] (the paper)",
  }),
  engine: setting.choice({
    env: 'NEUPR_ENGINE',
    default: 'arrays',
    of: ['arrays', 'tfjs'],
    help: 'what computes: plain loops, or tensors with automatic differentiation (the reference; slow)',
  }),
  factors: setting.integer({
    env: 'NEUPR_FACTORS',
    default: 32,
    min: 4,
    max: 128,
    help: 'predictive factors f',
  }),
  depth: setting.integer({
    env: 'NEUPR_DEPTH',
    default: 4,
    min: 1,
    max: 6,
    unit: 'layers',
    help: "layers of DNCR's tower, the concatenation counted as the first",
  }),
  seed: setting.integer({
    env: 'NEUPR_SEED',
    default: 1,
    min: 0,
    max: 4_294_967_295,
    help: 'seed of every random number',
  }),
} as const
