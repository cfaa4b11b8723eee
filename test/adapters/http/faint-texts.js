// Runs in the page: the texts whose contrast to what is behind them is under 4.5 (WCAG AA), with the ratio.

;(() => {
  const channels = (color) => (color.match(/[\d.]+/g) ?? []).map(Number)
  const linear = (value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }
  const light = ([r = 0, g = 0, b = 0]) =>
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
  const behind = (node) => {
    if (node === null) return [255, 255, 255]
    const [r = 0, g = 0, b = 0, a = 1] = channels(getComputedStyle(node).backgroundColor)
    const fractions = getComputedStyle(node).backgroundColor.startsWith('color(')
    const own = fractions ? [r * 255, g * 255, b * 255] : [r, g, b]
    if (a === 1) return own
    return behind(node.parentElement).map((value, k) => value * (1 - a) + (own[k] ?? 0) * a)
  }
  const faint = []
  for (const node of document.querySelectorAll('body *')) {
    const text = [...node.childNodes].some((one) => one.nodeType === 3 && one.nodeValue?.trim())
    if (!text || node.getClientRects().length === 0) continue
    const [a, b] = [light(channels(getComputedStyle(node).color)), light(behind(node))]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (ratio < 4.5) faint.push(`${node.textContent?.slice(0, 30)}: ${ratio.toFixed(2)}`)
  }
  return faint
})()
