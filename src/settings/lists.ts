// What goes out.

import { setting } from './setting.ts'

export const lists = {
  sink: setting.text({
    env: 'NEUPR_SINK',
    default: 'file:-',
    help: 'where lists go: file:PATH (- for stdout) or kafka:TOPIC',
  }),
  k: setting.integer({
    env: 'NEUPR_K',
    default: 10,
    min: 1,
    max: 1_000,
    unit: 'items',
    help: 'length of a list',
  }),
} as const
