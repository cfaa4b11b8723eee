// The rows of a whole catalogue in bytes, and bounds on what a query gives for each of them: which few items can be
// among the best is known without reading the others in full (adapters/wasm/scan).

export { place } from './arrays'
export { quantize } from './quantize'
export { finish, work } from './pieces'
