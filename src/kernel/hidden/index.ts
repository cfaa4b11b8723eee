// Loops of the output layer (FeatureSums and HiddenUnits in ports/scoring.ts) over flat memory that the host lays out.
// Items are the lanes, but in sums over items. Addresses and pitches are in bytes; a row of items is padded to a
// multiple of eight.

export { follow, placesOf, standardise } from './features'
export { addContext, forward } from './forward'
export { backward, softmaxLoss } from './backward'
export { pullsOf, slopesOf, sumsOf, weigh, weighParts } from './sums'
export { adamStep } from '../sequence/adam'
