// The names of the globals that the host sets, taken from the kernel's own list of them.

import * as globals from '../../../kernel/globals.ts'
import type {} from '../assemblyscript.d.ts'

export type GlobalName = keyof typeof globals

export const globalNames = Object.keys(globals) as GlobalName[]
