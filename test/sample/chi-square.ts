// How far counts may lie from what is expected of them before one must doubt that they are fair.

/** χ² over the cells with equal expectations. */
export function chiSquare(counts: Iterable<number>, expected: number): number {
  let chi = 0
  for (const count of counts) chi += (count - expected) ** 2 / expected
  return chi
}

/** The value that χ² exceeds by chance in one of a thousand trials (Wilson and Hilferty's approximation). */
export function chiSquareLimit(freedom: number): number {
  if (freedom === 0) return 1e-9
  const z = 3.0902
  const spread = 2 / (9 * freedom)
  return freedom * (1 - spread + z * Math.sqrt(spread)) ** 3
}
