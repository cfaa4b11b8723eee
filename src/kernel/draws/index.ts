// Draws of many preference triplets from positive sets that lie in this memory (ports/draws.ts says what is drawn).
// The host gives one record of numbers and addresses for each request (record.ts).

import { drawTriples } from './triplets'
import { drawNegatives } from './negatives'
import { read } from './request'

/** Returns how many draws were written; the record tells what was thrown away. */
export function draw(record: usize): i32 {
  read(record)
  const drawn = drawTriples()
  return drawNegatives(drawn)
}
