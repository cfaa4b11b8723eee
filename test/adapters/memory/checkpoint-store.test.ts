// The memory store keeps the promises of the port, and copies.

import {
  createMemoryCheckpointStore,
  createMemoryPlace,
} from '../../../src/adapters/memory/checkpoint-store.ts'
import { checkpointStoreContract } from '../../contracts/checkpoint-store.ts'

checkpointStoreContract((kept) => {
  const place = createMemoryPlace()
  return () => createMemoryCheckpointStore({ kept, place })
})
