// Draws many preference triplets from positive sets that lie in the memory of this module. What is drawn is said in
// ports/draws.ts; the host sets the globals of a request and then calls draw().

import { startCounters } from './counters'
import { drawNegatives } from './negatives'
import { drawTriplets } from './triplets'

export * from './globals'
export { missing, rejected, saturated } from './counters'

/** Returns how many draws were written. */
export function draw(): i32 {
  startCounters()
  const drawn = drawTriplets()
  return drawNegatives(drawn)
}
