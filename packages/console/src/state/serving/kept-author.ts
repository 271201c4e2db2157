const KEY = 'fivefold.author'

/** The name that was given for the last change from this browser; empty where it keeps none. */
export function keptAuthor(): string {
  try {
    return localStorage.getItem(KEY) ?? ''
  } catch {
    return ''
  }
}

export function keepAuthor(name: string): void {
  try {
    localStorage.setItem(KEY, name)
  } catch {
    // It is asked for again.
  }
}
