// How much of each user is remembered.

export interface PositivesLimits {
  /** The positive set keeps the newest of them. */
  readonly positivesPerUserMax: number
  /** What the positive set has no room for: the newest of it are still known as the user's. None where it is absent. */
  readonly earlierItemsPerUserMax?: number
  /** Of a user's removals the newest are kept; once full, additions before the oldest of them count no more. */
  readonly removalsPerUserMax: number
  /** A history holds only what is older than the moment it is read for, not what came before it at the same time. */
  readonly hidesEqualTimes?: boolean
}
