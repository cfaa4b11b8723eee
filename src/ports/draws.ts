// Many preference triplets at once, drawn where the positive sets lie. An engine that has a memory of its own gives
// room for the sets in it; without one, they lie in ordinary arrays and are drawn from by plain loops. The same request
// gives the same bytes either way.
//
// Symbols: u user, i positive item, j negative item, I_u the positive set of u.

/** Where arrays of 32-bit integers are kept. */
export interface IntMemory {
  /** An array of zeros. @throws Failure LIMIT_REACHED if there is no room */
  take(length: number): Int32Array
  /** Gives an array back that nobody reads any more. */
  free(array: Int32Array): void
}

/** The positive sets as they lie in memory. After a set has changed, the arrays may be different ones. */
export interface PositiveSets {
  /** j is one of 0 … items-1. */
  readonly items: number
  /** The number of positives of all users. */
  readonly size: number
  /**
   * User u has items[start[u] … start[u]+length[u]-1]. Slots 0 … used-1 hold runs and gaps between them; four
   * neighbouring slots are a chunk, owned by owner[slot/4] (-1: nobody).
   */
  readonly runs: {
    readonly used: number
    readonly items: Int32Array
    readonly owner: Int32Array
    readonly start: Int32Array
    readonly length: Int32Array
  }
  readonly owned: {
    /** Bit (item & mask[u]), counted from word start[u]: it is set for every item that u has. */
    readonly sieve: {
      readonly words: Int32Array
      readonly start: Int32Array
      readonly mask: Int32Array
    }
  }
  /** Pairs [user, item] that the user has although they are in no run. */
  readonly withheld: { readonly pairs: Int32Array; readonly size: number }
  /** Items that users 0 … start.length-1 have although they are in no run of those above; none is a positive. */
  readonly earlier: {
    readonly runs: {
      readonly items: Int32Array
      readonly start: Int32Array
      readonly length: Int32Array
    }
  }
}

export interface DrawRequest {
  /**
   * `uniform`: (u,i,j) is uniform over D_S; a triplet with j ∈ I_u is rejected as a whole. `mirror`: (u,i) is uniform
   * over all positives, and j is drawn again until u does not have it, as the published code does.
   */
  readonly law: 'uniform' | 'mirror'
  readonly count: number
  /** Negatives of each draw. Those after the first are uniform over the items that u does not have. */
  readonly negatives: number
  /** Triplets rejected for one draw before it is given up. */
  readonly drawsPerTripletMax: number
  /** Items drawn for one negative before it is left out (-1). A draw without its first negative is given up. */
  readonly drawsPerNegativeMax: number
  /** 32 bits each, different for each request. Word w of attempt n is a function of (key, nonce, n, w) alone. */
  readonly key: number
  readonly nonce: number
}

/** Draw k: its user, its positive, and its n negatives k·n … k·n+n-1. */
export interface TripletBatch {
  readonly userRows: Int32Array
  readonly positives: Int32Array
  readonly candidates: Int32Array
}

export interface Draws {
  /** Writes draws from number `from` on. Returns how many; fewer than asked for if limits were reached. */
  draw(request: DrawRequest, into: TripletBatch, from: number): number
  /** Of the last request: items rejected, limits reached, and negatives that are -1 in the draws written. */
  readonly rejected: number
  readonly saturated: number
  readonly missing: number
}

export interface DrawMemory extends IntMemory {
  /** Draws from sets whose arrays all come from this memory. */
  draws(sets: PositiveSets): Draws
}
