// The globals of the kernel that its host sets by name after every change of the memory's layout
// (src/adapters/wasm/memory/memory-map.ts). This file is compiled twice: by asc into the kernel, which exports them all, and
// by tsc, which gives the host their names and nothing else. A new global is therefore written here and nowhere else.
//
// All addresses are in bytes; all tables are stored row by row. B: history blocks of a user, f: factors.

/** Which thread of the pool this instance belongs to (thread-pool.ts). */
export let threadIndex: i32 = 0

/** Address of the number of updates so far, an i32 that is saved with the parameters. */
export let steps: usize = 0

// The batch, as in DrawBatch of the port.

export let userRows: usize = 0
export let historyStart: usize = 0
export let historyItems: usize = 0
export let historyAges: usize = 0
export let historyLength: usize = 0
export let positives: usize = 0
export let candidates: usize = 0
export let direct: usize = 0
export let mirrored: usize = 0
export let negatives: i32 = 0
export let choices: i32 = 0

// The source rows of one user (user/history.ts). The rows (i32) and weights (f32) of block b start at b · listStride.

export let blockCount: i32 = 1
export let hasHistory: i32 = 0
/** Number of the context row of item 0: 1 where row 0 is the learned start item. */
export let sourceRowOffset: i32 = 0
/** Items of history that the longest block reads. */
export let longestBlock: i32 = 0
export let listStride: i32 = 0
export let blockRecords: usize = 0
export let listRows: usize = 0
export let listWeights: usize = 0
export let listCounts: usize = 0
/** For each source row: the number of the last list that contained it, and its position in that list. */
export let rowMarks: usize = 0
export let rowPositions: usize = 0

// The query: the vector that items are scored by. Its vectors are padded to a multiple of four floats.

export let factors: i32 = 0
/** Columns of the query, and of its NBPR part, which comes first. */
export let query: i32 = 0
export let queryN: i32 = 0
export let x: usize = 0
export let dx: usize = 0
/** Whether the output weights w1 and w2 and the output bias are learned (eqs. 19, 20). */
export let hasOutputWeights: i32 = 0
export let outputWeights: usize = 0
export let outputBias: usize = 0
/** x ⊙ w1, x ⊙ w2 and their sum; all three are x without output weights. */
export let x1: usize = 0
export let x2: usize = 0
export let xs: usize = 0
/** Σ α·v and Σ γ·v over the items of a draw, and the gradient of one item. */
export let e1: usize = 0
export let e2: usize = 0
export let dv: usize = 0

// The items of one draw that learn (scores/chosen-items.ts), each listed once, the positive first.

/** Scores of all candidates of the draw. */
export let scores: usize = 0
export let chosenItems: usize = 0
/** α = dloss/da and γ = dloss/dc with a = x1·v and c = x2·v; without output weights only their sum counts. */
export let chosenGradients: usize = 0
export let chosenAlphas: usize = 0
export let chosenGammas: usize = 0
/** The items that all draws of a call have changed, where a score orders the items; some are listed more than once. */
export let learnedItems: usize = 0

// Rows with Adam (rows/adam-catch-up.ts).

/** The cache of catch-up terms. */
export let catchUpTerms: usize = 0
/** Room for copies of rows that have missed updates, and the bytes of one copy. */
export let rowCopies: usize = 0
export let rowCopyBytes: i32 = 0

// Dense weights (dense/): the tower's layers, then the output weights and bias.

export let layerCount: i32 = 0
export let layerRecords: usize = 0
/** Input of the user tower and the gradient of the loss by it. */
export let input: usize = 0
export let inputDelta: usize = 0
/** Where the dense weights begin, how many there are, and the distance from a weight to its moments. */
export let dense: usize = 0
export let denseCount: i32 = 0
export let toFirstMoments: usize = 0
export let toSecondMoments: usize = 0
export let denseGradient: usize = 0
/** 0 sgd, 2 adam; -1: the weights are frozen, or there are none. */
export let denseKind: i32 = -1
export let denseRate: f32 = 0
export let denseL2: f32 = 0
/** Gradients of all dense weights by shard, zero between updates, `shardBytes` apart (dense/gradient-shards.ts). */
export let shardGradients: usize = 0
export let shardBytes: i32 = 0

// The joint tower over pairs (u, a, b), pairwise/. One chunk holds up to pairMax pairs.

export let joint: i32 = 0
export let pairMax: i32 = 0
/** By pair: addresses of the user's vector and of both item rows. */
export let pairUser: usize = 0
export let pairA: usize = 0
export let pairB: usize = 0
/** By pair: what NBPR adds to its logit and to that of its mirror, the logit, and the gradient of the loss by it. */
export let pairBase: usize = 0
export let pairMirrorBase: usize = 0
export let pairZ: usize = 0
export let pairDz: usize = 0
/** By pair: its draw, and its question: question q has the number 2q, its mirrored triplet 2q + 1. */
export let pairDraw: usize = 0
export let pairQuestion: usize = 0
/** By draw of the chunk: the user's vector for the tower and for NBPR. */
export let pairUsers: usize = 0
/** Planes of the tower's input and of the gradient by it. */
export let pairInput: usize = 0
export let pairInputDelta: usize = 0
/** The negative of every question of the batch. */
export let pickedNegatives: usize = 0
/** The first layer's weights folded for pairs with their mirrors, and the gradients of these by shard. */
export let foldedWeights: usize = 0
export let shardFoldedGradients: usize = 0
export let shardFoldedBytes: i32 = 0
/** By draw: the gradients of its rows, `drawGradientBytes` apart (pairwise/draw-gradients.ts). */
export let drawGradients: usize = 0
export let drawGradientBytes: i32 = 0
/** By chunk: its loss and how many draws it learned, both f64. */
export let chunkSums: usize = 0
