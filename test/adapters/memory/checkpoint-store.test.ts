// The memory store keeps the promises of the port, and copies.

import { checkpointStoreContract } from '../../contracts/checkpoint-store.ts'
import { createMemoryCheckpointStore, createMemoryPlace } from './memory-checkpoint-store.ts'

checkpointStoreContract((kept) => {
  const place = createMemoryPlace()
  return () => createMemoryCheckpointStore({ kept, place })
})
