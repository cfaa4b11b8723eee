// The text of /metrics: rendered once at a time and at most once a second, however many ask.

export interface Rendered {
  readonly type: string
  readonly text: string
}

/** What renders: a registry of prom-client fits. */
export interface Registry {
  readonly contentType: string
  metrics(): Promise<string>
}

const keptMs = 1_000

/** `refresh` brings values up to date that only looking can tell; `now` in ms, monotonic or not. */
export function createScrape(registry: Registry, refresh: () => void, now: () => number) {
  let kept: { readonly at: number; readonly rendered: Promise<Rendered> } | undefined

  async function render(): Promise<Rendered> {
    refresh()
    return { type: registry.contentType, text: await registry.metrics() }
  }

  return (): Promise<Rendered> => {
    const at = now()
    if (kept !== undefined && at >= kept.at && at - kept.at < keptMs) return kept.rendered
    const rendered = render()
    kept = { at, rendered }
    // A failed render must not be served for a second.
    rendered.catch(() => {
      if (kept?.rendered === rendered) kept = undefined
    })
    return rendered
  }
}
