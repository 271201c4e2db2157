/** Something that may hold a histogram; 0 is none. */
export interface HistogramHolder {
  histogram: number
}

/** A fixed set of histograms that the open nodes of a tree hold. */
export interface HistogramPool {
  /** A free histogram; where none is, the first of `holders` that has one (and is not kept) loses it. */
  acquire(holders: readonly HistogramHolder[], keep?: HistogramHolder): number
  release(holder: HistogramHolder): void
}

export function createHistogramPool(addresses: readonly number[]): HistogramPool {
  const free = [...addresses]
  const release = (holder: HistogramHolder): void => {
    if (holder.histogram !== 0) free.push(holder.histogram)
    holder.histogram = 0
  }
  return {
    acquire: (holders, keep) => {
      if (free.length === 0) {
        const victim = holders.find((holder) => holder.histogram !== 0 && holder !== keep)
        if (victim !== undefined) release(victim)
      }
      return free.pop()!
    },
    release,
  }
}
