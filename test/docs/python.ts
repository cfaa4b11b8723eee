// The Python packages that the snippets of the documents use, fetched once from PyPI into the cache.

import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { once, python, runTool, type Workshop } from '../servers/tools.ts'

/** Wheels only: nothing is compiled, and no script of a package runs. */
const packages = [
  'confluent-kafka>=2.6,<3',
  'fastavro>=1.9,<2',
  'numpy>=1.24,<3',
  'safetensors>=0.4,<1',
]

export interface Python {
  /** For the environment of the program. */
  readonly env: NodeJS.ProcessEnv
  run(script: string, cwd: string): Promise<string>
}

/** Python with the packages, or why there is none: for the option `skip` of a test. */
export async function pythonWithPackages(
  shop: Workshop,
): Promise<{ readonly python: Python; readonly skip: false } | { readonly skip: string }> {
  try {
    const tag = await python('-c', 'import sys; print("%d.%d" % sys.version_info[:2], end="")')
    const folder = await once(shop, `python-${tag}-for-documents-1`, async (beside) => {
      const pip = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check']
      await python(...pip, '--only-binary', ':all:', '--target', beside, ...packages)
      await access(join(beside, 'numpy'))
    })
    const env = { ...process.env, PYTHONPATH: folder }
    const run: Python['run'] = (script, cwd) => runTool('python3', [script], { env, cwd })
    return { skip: false, python: { env, run } }
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    return { skip: `no Python 3, or no PyPI in reach: ${cause.message}` }
  }
}
