// Stands for the types of TensorFlow.js where that optional package is not installed, so that all else compiles. Named
// by tsconfig.json as the second place to look; where the package is, its own types hold.

// biome-ignore lint/suspicious/noExplicitAny: nothing is known of a package that is not there
type Unknown = any
declare const tf: Unknown

// biome-ignore lint/style/noDefaultExport: so does the package
export { tf as default }
export type Tensor = Unknown
export type Tensor1D = Unknown
export type Tensor2D = Unknown
export type Scalar = Unknown
