// Rounds of ranking, bounded in time: a list over a large catalogue takes a hundred times as long as over a small one,
// and the trainer does nothing else meanwhile.

/** A round ends after so long, so that learning goes on and questions are answered while many users wait. */
const roundMs = 25
/** The fewest lists per round on average, however many events wait: a list costs as much as learning dozens of them. */
const listsMin = 0.25
/** The mean cost of a list forgets over about this many rounds. */
const memory = 0.1

export interface Rounds {
  /**
   * A round at an effort in [0, 1], unless earlier ones have taken its time. `rank` works until isOver() and returns
   * how many lists it made.
   */
  run(effort: number, rank: (isOver: () => boolean) => number): void
}

/** `nowMs`: monotonic. */
export function createRounds(nowMs: () => number): Rounds {
  /** Time that is left for ranking; below zero where a list took longer than its round had. */
  let leftMs = 0
  let listMs = 0
  return {
    run(effort, rank) {
      leftMs = Math.min(roundMs, leftMs + Math.max(listsMin * listMs, roundMs * effort))
      if (leftMs <= 0 && listMs > 0) return
      const startedMs = nowMs()
      const lists = rank(() => nowMs() - startedMs >= leftMs)
      const tookMs = nowMs() - startedMs
      leftMs -= tookMs
      if (lists > 0) listMs += (listMs === 0 ? 1 : memory) * (tookMs / lists - listMs)
    },
  }
}
