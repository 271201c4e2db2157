/** What a server counts: plain arrays behind handles that are looked up once, since every request passes several times. */
export interface MetricRegistry {
  counter(name: string, help: string, labels: readonly string[]): MetricFamily<Counter>
  gauge(name: string, help: string, labels: readonly string[]): MetricFamily<Gauge>
  /** A counter that something else keeps, and that is read when somebody asks. */
  followed(name: string, help: string, labels: readonly string[]): MetricFamily<Gauge>
  histogram(name: string, help: string, labels: readonly string[], bounds: readonly number[]): MetricFamily<Histogram>
  /** All of it as plain data, which can go to another process. */
  snapshot(): MetricSnapshot[]
}

export interface MetricFamily<Series> {
  /** The series of these label values, in the order of the labels. */
  of(...values: readonly string[]): Series
}

export interface Counter {
  add(amount: number): void
}

export interface Gauge extends Counter {
  /** Reads the value from here whenever somebody asks; the value stays as it is without an argument. */
  follow(read?: () => number): void
}

export interface Histogram {
  observe(value: number): void
}

export interface MetricSnapshot {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  /** Upper bounds of a histogram's buckets, the last of which is open. */
  readonly bounds: readonly number[]
  readonly series: readonly SeriesSnapshot[]
}

export interface SeriesSnapshot {
  readonly values: readonly string[]
  /** The value; of a histogram the sum of what was observed, then how often each bucket was met. */
  readonly numbers: readonly number[]
}

interface Refreshed {
  refresh?(): void
}

export function createMetricRegistry(): MetricRegistry {
  const families: (() => MetricSnapshot)[] = []
  const family = <Series extends object>(
    described: Omit<MetricSnapshot, 'series'>,
    make: (numbers: Float64Array) => Series & Refreshed,
  ): MetricFamily<Series> => {
    const all = new Map<string, { values: readonly string[]; numbers: Float64Array; series: Series & Refreshed }>()
    const size = described.type === 'histogram' ? described.bounds.length + 2 : 1
    families.push(() => ({
      ...described,
      series: [...all.values()].map(({ values, numbers, series }) => {
        series.refresh?.()
        return { values, numbers: [...numbers] }
      }),
    }))
    return {
      of(...values) {
        const key = values.join('\n')
        let entry = all.get(key)
        if (!entry) {
          const numbers = new Float64Array(size)
          entry = { values, numbers, series: make(numbers) }
          all.set(key, entry)
        }
        return entry.series
      },
    }
  }
  return {
    counter: (name, help, labels) => family({ name, help, type: 'counter', labels, bounds: [] }, adder),
    gauge: (name, help, labels) => family({ name, help, type: 'gauge', labels, bounds: [] }, follower),
    followed: (name, help, labels) => family({ name, help, type: 'counter', labels, bounds: [] }, follower),
    histogram: (name, help, labels, bounds) =>
      family({ name, help, type: 'histogram', labels, bounds }, (numbers) => observer(numbers, bounds)),
    snapshot: () => families.map((snapshot) => snapshot()),
  }
}

const adder = (numbers: Float64Array): Counter => ({
  add: (amount) => {
    numbers[0]! += amount
  },
})

function follower(numbers: Float64Array): Gauge & Refreshed {
  let read: (() => number) | undefined
  return {
    ...adder(numbers),
    follow: (from) => {
      read = from
    },
    refresh: () => {
      if (read) numbers[0] = read()
    },
  }
}

const observer = (numbers: Float64Array, bounds: readonly number[]): Histogram => ({
  observe: (value) => {
    let bucket = 0
    while (bucket < bounds.length && value > bounds[bucket]!) bucket++
    numbers[0]! += value
    numbers[1 + bucket]! += 1
  },
})
