// The row-wise BPR of the worker's engine beside the one of the Python package `implicit` (native code): triplets per
// second of processor time on one thread, where NEUPR_BENCH_PYTHON names an interpreter that has the package.

import { execFileSync } from 'node:child_process'
import type { BenchRow } from './store.ts'

/** Prints triplets per second for each number of factors: what five further passes take, of the same sizes as ours. */
const program = `
import sys, time, numpy, implicit.bpr
from scipy.sparse import csr_matrix
users, items, pairs = 6040, 3260, 500000
random = numpy.random.default_rng(1)
u, i = random.integers(0, users, pairs), random.integers(0, items, pairs)
seen = csr_matrix((numpy.ones(pairs, numpy.float32), (u, i)), (users, items))
def seconds(factors, passes):
    # One of its columns is the item's bias, which ours has beside the factors.
    model = implicit.bpr.BayesianPersonalizedRanking(
        factors, .05, .01, iterations=passes, num_threads=1, random_state=1)
    before = time.process_time()
    model.fit(seen, show_progress=False)
    return time.process_time() - before
for factors in map(int, sys.argv[1:]):
    rates = [5 * seen.nnz / (seconds(factors, 6) - seconds(factors, 1)) for _ in range(3)]
    print(sorted(rates)[1])
`

/** Rows of the cases of `rows` that train BPR, against the package. */
export function implicitRows(python: string | undefined, rows: readonly BenchRow[]): BenchRow[] {
  if (python === undefined) return []
  const ours = rows.filter(
    (row) => row.case.startsWith('BPR: rows') && row.engine === 'wasm' && row.against === 'arrays',
  )
  const factors = ours.map((row) => /f (\d+)/.exec(row.case)?.[1] ?? '')
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' }
  const said = execFileSync(python, ['-c', program, ...factors], { encoding: 'utf8', env })
  const rates = said.trim().split('\n').map(Number)
  return ours.map((row, n) => ({ ...row, against: 'implicit', ratio: row.value / rates[n]! }))
}
