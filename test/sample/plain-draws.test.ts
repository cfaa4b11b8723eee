// The plain loops keep what draws promise.

import { heap } from '../../src/remember/int-arrays.ts'
import { createPlainDraws } from '../../src/sample/plain-draws.ts'
import { testDraws } from '../contracts/draws.ts'

testDraws('plain', () => ({ memory: heap, draws: createPlainDraws }))
