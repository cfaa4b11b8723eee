// Many preference triplets at once, drawn where the positive sets lie. An engine that has memory of its own gives
// room for the sets in it; where none does, they lie in ordinary arrays and the plain loops of `sample` draw. The same
// request gives the same bytes from all of them.
//
// Symbols: u user, i positive item, j negative item, I_u the positive set of u.

/** Where arrays of 32-bit integers are kept. */
export interface IntMemory {
  /** Zeros. @throws Failure LIMIT_REACHED where there is no room */
  take(length: number): Int32Array
  /** Gives an array back: nobody reads it any more. */
  free(array: Int32Array): void
}

/** The positive sets as they lie; the arrays are others after a set has changed. */
export interface PositiveSets {
  /** j is one of 0 … items-1. */
  readonly items: number
  /** All positives of all users. */
  readonly size: number
  /**
   * User u has items[start[u] … start[u]+length[u]-1]. Slots 0 … used-1 hold runs and gaps between them; four
   * neighbours are one chunk, owned by owner[slot/4] (-1: nobody).
   */
  readonly runs: {
    readonly used: number
    readonly items: Int32Array
    readonly owner: Int32Array
    readonly start: Int32Array
    readonly length: Int32Array
  }
  readonly owned: {
    /** Bit (item & mask[u]) from word start[u] on: never clear where u has the item. */
    readonly sieve: {
      readonly words: Int32Array
      readonly start: Int32Array
      readonly mask: Int32Array
    }
  }
  /** Pairs [user, item] that are owned and stand in no run. */
  readonly withheld: { readonly pairs: Int32Array; readonly size: number }
}

export interface DrawRequest {
  /**
   * `uniform`: (u,i,j) uniform over D_S; a triple with j ∈ I_u is thrown away whole. `mirror`: (u,i) uniform over all
   * positives, and j drawn again until u does not have it, as the published code does.
   */
  readonly law: 'uniform' | 'mirror'
  readonly count: number
  /** Of each draw; those behind the first are uniform over the items u does not have. */
  readonly negatives: number
  /** Triples thrown away for one draw before it is given up. */
  readonly drawsPerTripletMax: number
  /** Items drawn for one negative before it is left out (-1); without its first one a draw is given up. */
  readonly drawsPerNegativeMax: number
  /** 32 bits each; another pair for each request. Word w of attempt n is a function of (key, nonce, n, w) alone. */
  readonly key: number
  readonly nonce: number
}

/** Draw k: user, positive and negatives k·n … k·n+n-1. */
export interface TripletBatch {
  readonly userRows: Int32Array
  readonly positives: Int32Array
  readonly candidates: Int32Array
}

export interface Draws {
  /** Writes draws `from` and further; returns how many, fewer than asked for where bounds were reached. */
  draw(request: DrawRequest, into: TripletBatch, from: number): number
  /** Of the last request: items thrown away; bounds reached; negatives that are -1 in the draws written. */
  readonly rejected: number
  readonly saturated: number
  readonly missing: number
}

export interface DrawMemory extends IntMemory {
  /** Draws from sets whose arrays are all of this memory. */
  draws(sets: PositiveSets): Draws
}
