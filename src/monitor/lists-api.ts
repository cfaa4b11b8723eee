// The lists API as the server needs it: its limits out of the settings, its metrics, and the list service once the
// worker has started.

import type { ApiSettings } from '../adapters/http/server.ts'
import type { Config } from '../config.ts'
import { Failure } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import type { ListService } from '../ports/list-service.ts'
import { listMax } from '../rank/preference.ts'

/** `service`: undefined until the worker has started. */
export function createListsApi(
  config: Config,
  metrics: Pick<Metrics, 'apiSeconds' | 'apiRefused'>,
  service: () => ListService | undefined,
): ApiSettings {
  function started(): ListService {
    const found = service()
    if (found === undefined) throw new Failure('TRAINER_FAILED', 'it has not started yet')
    return found
  }
  return {
    lists: {
      forUser: async (user, k) => started().forUser(user, k),
      forHistory: async (history, k) => started().forHistory(history, k),
      similar: async (item, k) => started().similar(item, k),
      popular: async (k) => started().popular(k),
      explain: async (user, k) => started().explain(user, k),
    },
    k: config.k,
    kMax: listMax,
    idBytesMax: config.idBytesMax,
    historyMax: config.httpHistoryMax,
    asksMax: config.httpAsksMax,
    bodyBytesMax: config.httpBodyBytesMax,
    took: (operation, seconds) => metrics.apiSeconds.of(operation).observe(seconds),
    refused: (reason) => metrics.apiRefused.of(reason).add(),
  }
}
