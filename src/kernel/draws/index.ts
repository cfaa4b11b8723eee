// Draws of many preference triplets from positive sets that lie in this memory (ports/draws.ts says what is drawn).
// The host gives one request of numbers and addresses for each request (request.ts).

import { drawTriplets } from './triplets'
import { drawNegatives } from './negatives'
import { readRequest } from './request'

/** Returns how many draws were written; the request tells what was thrown away. */
export function draw(request: usize): i32 {
  readRequest(request)
  const drawn = drawTriplets()
  return drawNegatives(drawn)
}
