/** Series colours of the page; more series than colours begin again with the first. */
const SERIES = 8

export const seriesColour = (index: number): string => `var(--series-${index % SERIES})`

/** The colour as the browser paints it now, for a canvas, which knows no variables. */
export function paintedColour(colour: string): string {
  const probe = document.createElement('span')
  probe.style.color = colour
  document.body.append(probe)
  const painted = getComputedStyle(probe).color
  probe.remove()
  return painted
}

/** Dashes tell apart the series that share a colour. */
const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [10, 3, 2, 3]]

export const seriesDash = (index: number): readonly number[] => DASHES[Math.floor(index / SERIES) % DASHES.length]!
