// One request: what the host writes into the request, in this order, and what it reads back from its end.
//
// Symbols: u user, i positive item, j negative item, n attempt.

export let uniform: bool
export let count: i32
export let negatives: i32
export let triesMax: i32
export let negativeTriesMax: i32
export let key: u32
export let nonce: u32
/** j is one of 0 … items-1; slots of runs are 0 … slots-1. */
export let items: u32
export let slots: u32
/** Addresses: the items of the slots, the owner of each four, start and length by user. */
export let slotItems: usize
export let owner: usize
export let start: usize
export let length: usize
/** The bits of «maybe»: words, first word and mask by user. */
export let words: usize
export let wordStart: usize
export let mask: usize
/** Pairs [u, i] that are in no run, and their number. */
export let withheld: usize
export let withheldCount: i32
/** What is drawn. */
export let outUsers: usize
export let outPositives: usize
export let outCandidates: usize

/** The next block that no draw has used. */
export let next: u32 = 0
export function setNext(block: u32): void {
  next = block
}

const RESULTS_AT = 4 * 21
let results: usize = 0

export function readRequest(request: usize): void {
  uniform = load<i32>(request) != 0
  count = load<i32>(request, 4 * 1)
  negatives = load<i32>(request, 4 * 2)
  triesMax = load<i32>(request, 4 * 3)
  negativeTriesMax = load<i32>(request, 4 * 4)
  key = load<u32>(request, 4 * 5)
  nonce = load<u32>(request, 4 * 6)
  items = load<u32>(request, 4 * 7)
  slots = load<u32>(request, 4 * 8)
  slotItems = load<u32>(request, 4 * 9)
  owner = load<u32>(request, 4 * 10)
  start = load<u32>(request, 4 * 11)
  length = load<u32>(request, 4 * 12)
  words = load<u32>(request, 4 * 13)
  wordStart = load<u32>(request, 4 * 14)
  mask = load<u32>(request, 4 * 15)
  withheld = load<u32>(request, 4 * 16)
  withheldCount = load<i32>(request, 4 * 17)
  outUsers = load<u32>(request, 4 * 18)
  outPositives = load<u32>(request, 4 * 19)
  outCandidates = load<u32>(request, 4 * 20)
  results = request + RESULTS_AT
  memory.fill(results, 0, 12)
}

export function addRejected(n: i32): void {
  store<i32>(results, load<i32>(results) + n)
}

export function addSaturated(n: i32): void {
  store<i32>(results, load<i32>(results, 4) + n, 4)
}

export function addMissing(n: i32): void {
  store<i32>(results, load<i32>(results, 8) + n, 8)
}
