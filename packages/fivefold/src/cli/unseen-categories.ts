import type { BundleInput } from '../bundle/index.ts'
import type { Frame } from '../data/index.ts'
import { formatCount } from '../report/index.ts'

export interface UnseenCategories {
  add(frame: Frame): void
  /** A sentence for each column that held a category which no training row had. */
  warnings(): string[]
}

const SHOWN = 5

/** Counts categories that a model never saw; of columns whose training values the bundle lists without gaps. */
export function createUnseenCategories(inputs: readonly BundleInput[]): UnseenCategories {
  const listed = inputs.filter(({ categories, categoryCount }) => categories && categories.length === categoryCount)
  const columns = listed.map(({ name, categories }) => ({ name, seen: new Set(categories), unseen: new Map() }))
  return {
    add: (frame) => {
      for (const { name, seen, unseen } of columns) countUnseen(frame, name, seen, unseen)
    },
    warnings: () => columns.filter(({ unseen }) => unseen.size > 0).map(({ name, unseen }) => describe(name, unseen)),
  }
}

function countUnseen(frame: Frame, name: string, seen: ReadonlySet<string>, unseen: Map<string, number>): void {
  const column = frame.columns.get(name)
  if (column?.kind !== 'string') return
  const isNew = column.dictionary.map((text) => !seen.has(text))
  if (!isNew.includes(true)) return
  for (const code of column.codes) {
    if (code < 0 || !isNew[code]) continue
    const text = column.dictionary[code]!
    unseen.set(text, (unseen.get(text) ?? 0) + 1)
  }
}

function describe(name: string, unseen: ReadonlyMap<string, number>): string {
  const byRows = [...unseen].sort((a, b) => b[1] - a[1])
  const rows = byRows.reduce((sum, [, count]) => sum + count, 0)
  const shown = byRows.slice(0, SHOWN).map(([text, count]) => `'${text.slice(0, 40)}' (${formatCount(count)})`)
  const more = byRows.length > SHOWN ? `, and ${byRows.length - SHOWN} more` : ''
  return `column '${name}': ${formatCount(rows)} rows hold categories that no training row had: ${shown.join(', ')}${more}`
}
