// The users that a network is asked about or learns from, with what they had before.

/**
 * The users of a call: `count` of them, each with a row or a history. Arrays may be longer than needed. The history of
 * user k is historyItems[historyStart[k] … historyStart[k+1]), newest first: only items that the user had strictly
 * before the moment in question. historyAges are seconds before that moment (≥ 0), and historyLength[k] is how many
 * positives the user had then in all (≥ those given).
 */
export interface UserBatch {
  count: number
  readonly userRows: Int32Array
  readonly historyStart: Int32Array
  readonly historyItems: Int32Array
  readonly historyAges: Float32Array
  readonly historyLength: Int32Array
}
