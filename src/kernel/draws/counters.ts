// What the current request has counted so far, and the next block of random words that no draw has used.

let rejectedCount: i32 = 0
let saturatedCount: i32 = 0
let missingCount: i32 = 0

export let next: u32 = 0

export function setNext(block: u32): void {
  next = block
}

export function startCounters(): void {
  rejectedCount = 0
  saturatedCount = 0
  missingCount = 0
}

export function addRejected(n: i32): void {
  rejectedCount += n
}

export function addSaturated(n: i32): void {
  saturatedCount += n
}

export function addMissing(n: i32): void {
  missingCount += n
}

/** Items that were drawn and thrown away, because the user has them. */
export function rejected(): i32 {
  return rejectedCount
}

/** Draws and negatives that were given up after their largest number of attempts. */
export function saturated(): i32 {
  return saturatedCount
}

/** Negatives that are -1 in the draws written. */
export function missing(): i32 {
  return missingCount
}
