// Where everything of one network lies in its memory. The host sets these once and after every growth
// (src/adapters/wasm/memory-map.ts); nothing is allocated here, and nothing is checked: the host did.
//
// All addresses are in bytes, all tables row by row. Symbols as in the port: B blocks, f factors, x query.

/** A table of rows and its optimizer's state. A block of a row is a row of its own for the optimizer. */
@unmanaged
export class Table {
  values: usize
  /** adagrad: accumulators (rows, blocks); adam: moments (rows, blocks, 2, width), the first and then the second. */
  state: usize
  last: usize
  columns: i32
  width: i32
  blocks: i32
  /** 0 sgd, 1 adagrad, 2 adam; -1: the network has no such table. */
  kind: i32
  rate: f32
  l2: f32
  /**
   * Gradients of an update that are summed, by touched block of a row, numbered from 1. Every member has its own sums,
   * `sumsPitch` bytes after the last one's: how many, then their keys, then from `toSums` on themselves; and its own
   * numbers by the keys' hashes, 2^(32 - hashShift) of them, 0 where there is none.
   */
  numbers: usize
  touched: usize
  toSums: usize
  sumsPitch: i32
  hashShift: i32
}

export const SGD = 0
export const ADAGRAD = 1
export const ADAM = 2

/** How a block weighs the history. */
@unmanaged
export class Block {
  /** 0 long, 1 short, 2 time. */
  kind: i32
  length: i32
  /** long, short: the scale for lists of n items, n ≤ length + 1. */
  scales: usize
  /** short: decay^l. */
  decays: usize
  perSecond: f32
  power: f32
}

/** Tables stand at fixed places below the static data. */
export const sourceN = changetype<Table>(64)
export const itemsN = changetype<Table>(128)
export const sourceD = changetype<Table>(192)
export const itemsD = changetype<Table>(256)
export const itemBias = changetype<Table>(320)

/** A row of the single number 1 (whole lanes), and a list of one row for updates of single rows. */
export const ONE: usize = 384
export const ROW: usize = 400
/** What was asked for ahead of its use (ahead.ts); nobody reads it. */
export const SEEN: usize = 480

/** Which member of the crew this instance is, of how many in this update (crew.ts). */
export let member: i32 = 0
export let crew: i32 = 1

export function setCrew(members: i32): void {
  crew = members
}

/** Updates so far, an i32 in the store, so that it is saved with the rest. */
export let steps: usize = 0

/** The batch, as in the port's DrawBatch. */
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

/** Lists of the source rows of one user: block b's rows (i32) and weights (f32) start at b · stride. */
export let blockCount: i32 = 1
export let hasHistory: i32 = 0
export let shift: i32 = 0
export let reach: i32 = 0
export let stride: i32 = 0
export let blockRecords: usize = 0
export let listRows: usize = 0
export let listWeights: usize = 0
export let listCounts: usize = 0
/** By source row: the number of the last list that held it, and its place there. */
export let marks: usize = 0
export let places: usize = 0

/** Widths: of the query in all, and of its NBPR part. Vectors of the query, padded to whole lanes. */
export let query: i32 = 0
export let queryN: i32 = 0
export let x: usize = 0
export let dx: usize = 0
/** Output weights: x ⊙ w1, x ⊙ w2 and their sum (eqs. 19, 20); Σ α·v and Σ γ·v; the gradient of one item. */
export let learned: i32 = 0
export let outputWeights: usize = 0
export let outputBias: usize = 0
export let x1: usize = 0
export let x2: usize = 0
export let xs: usize = 0
export let e1: usize = 0
export let e2: usize = 0
export let dv: usize = 0

/** Scores of a draw's candidates. */
export let scores: usize = 0
/**
 * Items of a draw that learn, each once, the positive first. With a_n = x1·v_n and c_n = x2·v_n: α and γ are
 * dloss/da and dloss/dc. Without output weights only their sum counts, and stands in chosenPulls.
 */
export let chosenItems: usize = 0
export let chosenPulls: usize = 0
export let chosenAlphas: usize = 0
export let chosenGammas: usize = 0

/** Adam: drifts of rows that were last touched by the same update (32 bytes each), and one row of scratch. */
export let driftTerms: usize = 0
export let looked: usize = 0
export let lookedBytes: i32 = 0

/** Layers of the tower: out = act(W·in + b), W is (outputs, inputs). */
@unmanaged
export class Layer {
  weights: usize
  biases: usize
  inputs: i32
  outputs: i32
  /** The last layer of a user tower is linear; all others are tanh. */
  linear: i32
  /** Its outputs, and dloss by its outputs. */
  out: usize
  delta: usize
  /** The same for the pairs of a chunk, in planes (outputs, pairs). */
  plane: usize
  planeDelta: usize
}

/**
 * The joint tower over pairs (u,a,b): addresses of their users' vectors and item rows, what NBPR gives to each logit,
 * their logits and dloss by them, and planes of the tower's input. `picked` holds the negatives of every question.
 */
export let joint: i32 = 0
export let pairMax: i32 = 0
export let pairUser: usize = 0
export let pairA: usize = 0
export let pairB: usize = 0
export let pairBase: usize = 0
export let pairMirrorBase: usize = 0
export let pairZ: usize = 0
export let pairDz: usize = 0
/** Draw and question of a pair: question q stands as 2q, mirrored as 2q + 1. */
export let pairDraw: usize = 0
export let pairQuestion: usize = 0
export let pairUsers: usize = 0
export let pairInput: usize = 0
export let pairInputDelta: usize = 0
export let picked: usize = 0
/** The first layer's weights folded for pairs with their mirrors (couples.ts). */
export let coupleWeights: usize = 0
/**
 * Gradients of strands (crew.ts): of all dense weights, zero between updates, and of the folded weights; each strand's
 * so many bytes after the last one's.
 */
export let strands: usize = 0
export let strandBytes: i32 = 0
export let strandCouples: usize = 0
export let strandCoupleBytes: i32 = 0
/** What chunks leave behind: by draw an entry of `entryBytes`, by chunk its loss and its draws (f64, entries.ts). */
export let entries: usize = 0
export let entryBytes: i32 = 0
export let chunkSums: usize = 0
/** Those of the strand whose chunk is learned. */
export let chunkGradient: usize = 0
export let chunkCouples: usize = 0

export function setStrand(n: i32): void {
  chunkGradient = strands + n * strandBytes
  chunkCouples = strandCouples + n * strandCoupleBytes
}

export let factors: i32 = 0
export let layerCount: i32 = 0
export let layerRecords: usize = 0
/** The tower's input, and dloss by it. */
export let input: usize = 0
export let inputDelta: usize = 0

/** All dense weights: where they begin and how many; from a weight to its moments; their summed gradient. */
export let dense: usize = 0
export let denseCount: i32 = 0
export let toFirst: usize = 0
export let toSecond: usize = 0
export let denseGradient: usize = 0
/** 0 sgd, 2 adam; -1: frozen, or there are none. */
export let denseKind: i32 = -1
export let denseRate: f32 = 0
export let denseL2: f32 = 0
