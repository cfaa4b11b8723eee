// Records test/golden/engine-steps.json from the reference. Run only when a step is meant to change.

import { writeFileSync } from 'node:fs'
import { createTfjsEngine } from '../../src/adapters/tfjs/engine.ts'
import { loadTensors } from '../../src/adapters/tfjs/load.ts'
import { goldenOf } from './engine-golden.ts'

const golden = goldenOf(createTfjsEngine(await loadTensors('pure', {})))
const file = new URL('../../../test/golden/engine-steps.json', import.meta.url)
const short = (_: string, x: unknown) => (typeof x === 'number' ? Number(x.toPrecision(9)) : x)
writeFileSync(file, `${JSON.stringify(golden, short)}\n`)
console.log(`recorded ${golden.length} networks in ${file.pathname}`)
