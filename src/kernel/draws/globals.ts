// One request, which the host sets by name (src/adapters/wasm/draws/draw-memory.ts). This file is compiled twice: by
// asc into the module, which exports them all, and by tsc, which gives the host their names.
//
// Symbols: u user, i positive item, j negative item. Addresses are in bytes.

/** 1: the law `uniform`, 0: `mirror`, as in DrawRequest of the port. */
export let uniform: i32 = 0
export let count: i32 = 0
export let negatives: i32 = 0
export let drawsPerTripletMax: i32 = 0
export let drawsPerNegativeMax: i32 = 0
export let key: u32 = 0
export let nonce: u32 = 0
/** j is one of 0 … items-1; the slots of the runs are 0 … slots-1. */
export let items: u32 = 0
export let slots: u32 = 0
/** Addresses: the item of each slot, the owner of each four slots, and by user the first slot and length of the run. */
export let slotItems: usize = 0
export let owner: usize = 0
export let start: usize = 0
export let length: usize = 0
/** The bits that rule items out: the words, and by user the first word and the mask. */
export let words: usize = 0
export let wordStart: usize = 0
export let mask: usize = 0
/** Pairs [u, i] that the user has although they are in no run, and their number. */
export let withheld: usize = 0
export let withheldCount: i32 = 0
/** Items that users 0 … earlierUsers-1 have beyond their runs: addresses as those of the runs. */
export let earlierItems: usize = 0
export let earlierStart: usize = 0
export let earlierLength: usize = 0
export let earlierUsers: i32 = 0
/** Where the draws are written. */
export let outUsers: usize = 0
export let outPositives: usize = 0
export let outCandidates: usize = 0
