// What `preview` may touch outside of itself.

import type { Logger } from '../../ports/logger.ts'
import type { Io } from '../../worker/io.ts'

export interface PreviewIo extends Io {
  readonly logger: Logger
  /** With this code once all is written. */
  readonly exit: (code: number) => void
}
