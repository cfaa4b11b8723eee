// The plain loops keep what draws promise.

import { createPlainDraws } from '../../src/paper/plain-draws.ts'
import { heap } from '../../src/remember/int-arrays.ts'
import { testDraws } from '../contracts/draws.ts'

testDraws('plain', () => ({ memory: heap, draws: createPlainDraws }))
