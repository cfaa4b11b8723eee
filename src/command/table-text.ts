// Markdown tables whose columns line up in a terminal, too.

/** The first column is aligned to the left, the others, which hold figures, to the right. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string => {
    const padded = widths.map((width, column) => {
      const cell = cells[column] ?? ''
      return column === 0 ? cell.padEnd(width) : cell.padStart(width)
    })
    return `| ${padded.join(' | ')} |`
  }
  const rule = widths.map((width, column) => {
    return column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`
  })
  return [line(head), `|${rule.join('|')}|`, ...rows.map(line)].join('\n')
}
