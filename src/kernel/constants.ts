// Addresses and sizes, in bytes, that the kernel and its host agree on. This file is compiled twice: by asc into the
// kernel, and by tsc for src/adapters/wasm, so that each number has one place.

// Page 0 of a network's memory. Static data of the module begins at 1024 (asconfig.json: memoryBase).

/** Records of the five tables (records.ts). */
export const sourceNAt = 64
export const itemsNAt = 128
export const sourceDAt = 192
export const itemsDAt = 256
export const itemBiasAt = 320
/** The number 1, padded to four floats: a row whose only column is 1. The host writes it. */
export const oneAt = 384
/** Where prefetched values are written, so that the loads are not removed (rows/prefetch.ts). */
export const prefetchedAt = 480
/** Synchronization of the threads of a pool (thread-pool.ts), each on a cache line of its own. */
export const barrierPhaseAt = 576
export const barrierArrivedAt = 640
export const threadFailedAt = 704

/** Shards of the dense gradients, which is also the largest number of threads (thread-pool.ts). */
export const shardCount = 4
/** Bytes between two blocks of a plane, so that the same unit of all blocks does not fall into one cache set. */
export const planeGap = 64
/** Bytes between two rows of folded weights, for the same reason (pairwise/mirrored-pairs.ts). */
export const foldedGap = 64
/** For how many past updates the terms of Adam's catch-up are cached, and its bytes (rows/catch-up-terms.ts). */
export const cachedUpdates = 256
export const catchUpCacheBytes = 256 * 64 + 128
/** Rows of B that are packed at a time (sequence/matrix-product.ts). */
export const panelDepth = 256
/** Bytes of the head of a row in a scan, the same for all so that a loop over it is straight (scan/arrays.ts). */
export const scanHeadWidth = 64
/**
 * Numbers in the middle of a row, which is read next, and bytes of what is kept of it together: one line of the cache.
 */
export const scanMiddleWidth = 48
export const scanMiddleBytes = 64
/** Rows of a scan that lie together. */
export const scanChunkShift = 14
export const scanChunkItems = 1 << scanChunkShift
/** The most items that the best of a scan are chosen for at once, and items of which one thread chooses them. */
export const scanBestMax = 2_048
export const scanBestItems = 131_072
/** Items of a piece of any other job. */
export const scanPieceItems = 4_096
/** Columns that a query may have terms of. */
export const scanTermsMax = 6

// Page 0 of the memory of a scan: pieces of the job that nobody has taken, pieces that are done, and the job itself
// (scan/pieces.ts). The first two are written by all threads, each on a cache line of its own.

export const scanLeftAt = 64
export const scanDoneAt = 128
export const scanJobAt = 192
