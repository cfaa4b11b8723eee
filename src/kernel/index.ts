// What the host calls, and the globals that it sets. One instance of this module serves one network, in a memory of its
// own; the instances of a pool's threads share that memory.

export * from './globals'
export { agesAreValid, idsWithin } from './check-input'
export { learn } from './learn'
export {
  blockBytes, layerBytes, writeBlock, writeLayer, writeLayerPlanes, writeTable, writeTableSums,
} from './records'
export { fail, hasFailed } from './thread-pool'
export { algorithm1Scratch, comparedPairs, pickBest } from './pairwise/algorithm-1'
export { projectionBytes, projectionScratch, projectItems } from './pairwise/item-projections'
export { compareWith, estimate } from './pairwise/pairwise-ranker'
export { bindUser, rankerScratch } from './pairwise/ranker-planes'
export { compare, score } from './scores/compare'
export { countLogs, logs, sumLogs } from './scores/count-logs'
export { addBent, addRows, clearBytes, lagSums, placeRows } from './scores/count-sums'
export { learnedCount } from './scores/learn-draw'
export { scoreAll } from './scores/score-all'
export { scoreRows, weighQuery } from './scores/score-rows'
export { forgetMarks } from './user/history'
