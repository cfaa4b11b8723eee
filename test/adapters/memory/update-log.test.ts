// The update log in memory under the contract.

import { updateLogContract } from '../../contracts/update-log.ts'
import { createMemoryUpdateLog } from './memory-update-log.ts'

updateLogContract('memory', async () => {
  const log = createMemoryUpdateLog()
  return {
    another: async () => ({ ...log, close: async () => undefined }),
    deleteBefore: async (offset) => log.deleteBefore(offset),
    clean: () => log.close(),
  }
})
