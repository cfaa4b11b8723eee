// Loops for learning from many windows at once, over flat memory that the host lays out: matrix products, sliding sums
// over the history, softmax, dropout, Adam. All addresses are in bytes; matrices are stored row by row.

export { multiply } from './matrix-product'
export { slidingSums, slidingSumsBackward } from './sliding-sums'
export { addRows, gatherRows, sumBlocks, spreadBlocks, scatterRows, sumColumns, ownScores, ownGradients } from './rows'
export { softmaxRows } from './softmax'
export { dropOut, tanhBack, tanhRows } from './activations'
export { adamStep, averageIn } from './adam'
