import { escapeHtml } from '../escape.ts'

/** Counts as a tiny histogram of one path, cheap enough for thousands in a page. `label` says what it shows. */
export function sparkline(counts: readonly number[], label: string, width = 120, height = 28): string {
  const highest = Math.max(...counts, 0)
  const step = width / Math.max(counts.length, 1)
  const path = counts
    .map((count, i) => {
      // Whatever occurs at all is seen: a bar is at least one pixel high.
      const tall = count > 0 && highest > 0 ? Math.max(1, (count / highest) * height) : 0
      if (tall === 0) return ''
      const gap = step > 4 ? 0.8 : 0.2
      return `M${short(i * step)},${height}v${short(-tall)}h${short(step - gap)}V${height}`
    })
    .join('')
  return `<svg role="img" aria-label="${escapeHtml(label)}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><path d="${path}" fill="var(--c1,#0b6fb3)"/><path d="M0,${height}h${width}" stroke="var(--line,#ccc)"/></svg>`
}

const short = (value: number): string => String(Math.round(value * 10) / 10)
