// Loops of the hidden layer (HiddenUnits in ports/catalogue.ts) over flat memory that the host lays out. Items are the
// lanes. Addresses and pitches are in bytes; a row of items is padded to a multiple of eight.

export { follow, placesOf, standardise } from './features'
export { addContext, forward } from './forward'
export { backward, softmaxLoss } from './backward'
export { adamStep } from '../sequence/adam'
