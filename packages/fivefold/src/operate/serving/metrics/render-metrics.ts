import type { MetricSnapshot, SeriesSnapshot } from './metric-registry.ts'

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** The Prometheus text format, version 0.0.4. */
export function renderMetrics(snapshots: readonly MetricSnapshot[]): string {
  return snapshots.map(renderFamily).join('')
}

function renderFamily(family: MetricSnapshot): string {
  const head = `# HELP ${family.name} ${family.help}\n# TYPE ${family.name} ${family.type}\n`
  const lines = family.series.flatMap((series) =>
    family.type === 'histogram'
      ? histogramLines(family, series)
      : [line(family.name, family, series, series.numbers[0]!)],
  )
  return `${head}${lines.map((text) => `${text}\n`).join('')}`
}

function histogramLines(family: MetricSnapshot, series: SeriesSnapshot): string[] {
  const [sum, ...counts] = series.numbers
  const lines: string[] = []
  let below = 0
  counts.forEach((count, bucket) => {
    below += count
    lines.push(line(`${family.name}_bucket`, family, series, below, String(family.bounds[bucket] ?? '+Inf')))
  })
  return [
    ...lines,
    line(`${family.name}_sum`, family, series, sum!),
    line(`${family.name}_count`, family, series, below),
  ]
}

function line(
  name: string,
  { labels }: MetricSnapshot,
  { values }: SeriesSnapshot,
  value: number,
  le?: string,
): string {
  const pairs = labels.map((label, i) => `${label}="${escaped(values[i]!)}"`)
  if (le !== undefined) pairs.push(`le="${le}"`)
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`
}

const escaped = (text: string): string => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')

/** The sum over several processes; what only one of them counts is taken as it is. */
export function mergeMetrics(processes: readonly (readonly MetricSnapshot[])[]): MetricSnapshot[] {
  const families = new Map<string, { readonly family: MetricSnapshot; readonly series: Map<string, SeriesSnapshot> }>()
  for (const family of processes.flat()) {
    const merged = families.get(family.name) ?? { family, series: new Map() }
    families.set(family.name, merged)
    for (const one of family.series) {
      const key = one.values.join('\n')
      const known = merged.series.get(key)
      merged.series.set(key, known ? { ...one, numbers: one.numbers.map((n, i) => n + known.numbers[i]!) } : one)
    }
  }
  return [...families.values()].map(({ family, series }) => ({ ...family, series: [...series.values()] }))
}
