// Where the rules of test/tidy.test.ts do not hold: on purpose, with the reason; or still, as a ceiling that only goes
// down.

/** Folders with more files than a reader takes in at once, and why they are one folder all the same. */
export const crowdedOnPurpose: Readonly<Record<string, string>> = {
  'src/command': 'one file for each command: the list is the catalogue',
  'test/bench': 'one file for each bench: the list is the catalogue',
  'test/contracts': 'one suite for each contract, and the worlds they share',
  'test/e2e': 'one file for each story',
}

export const crowdedStill: readonly string[] = []

/** Longer files than allowed, and their lines. */
export const longStill: Readonly<Record<string, number>> = {}

/** While the long functions are being divided: what a file that is not listed below may have. */
export const functionLinesStill = 110

/** Files with a longer function than allowed, and its lines rounded up. */
export const longFunctionsStill: Readonly<Record<string, number>> = {
  'src/adapters/disk/checkpoint-store.ts': 150,
  'src/adapters/file/event-source.ts': 130,
  'src/adapters/kafka/producer.ts': 120,
  'src/adapters/kafka/source/committer.ts': 110,
  'src/adapters/registry/schema-registry.ts': 120,
  'src/adapters/tfjs/formulas.ts': 130,
  'src/adapters/wasm/draws/draw-memory.ts': 130,
  'src/consume/decode.ts': 120,
  'src/consume/tally.ts': 110,
  'src/lab/baselines/neumf.ts': 120,
  'src/learn/fusion/fusion.ts': 120,
  'src/learn/parts/co-counts.ts': 200,
  'src/learn/parts/neighbours.ts': 180,
  'src/learn/parts/trend.ts': 120,
  'src/metrics/instruments.ts': 120,
  'src/monitor/conditions.ts': 120,
  'src/monitor/workload.ts': 110,
  'src/paper/algorithm-1.ts': 130,
  'src/paper/candidates.ts': 150,
  'src/paper/instances.ts': 120,
  'src/paper/plain-draws.ts': 130,
  'src/paper/ranker.ts': 130,
  'src/publish/publish.ts': 160,
  'src/sample/random.ts': 130,
  'src/trainer/lists/after-history.ts': 120,
  'src/trainer/loop/core.ts': 120,
  'src/trainer/loop/loop.ts': 110,
  'src/trainer/model/debt.ts': 130,
  'src/trainer/model/learner.ts': 120,
  'src/world/choice.ts': 120,
  'test/app/rig.ts': 150,
  'test/bench/by-hand.ts': 190,
  'test/contracts/checkpoint-store.ts': 110,
  'test/contracts/draws.ts': 150,
  'test/contracts/engine-pairwise-ranker.ts': 110,
  'test/contracts/engine.ts': 120,
  'test/contracts/positive-store.ts': 120,
  'test/publish/poisoned.ts': 110,
}

export const circlesStill: readonly string[] = []

/** Sources that only tests use. */
export const unreachedStill: readonly string[] = []

/** Columns of the kernel's lines, which no formatter breaks. */
export const kernelColumnsMax = 135
