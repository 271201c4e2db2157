import type { RegisteredModel, Tags } from '../client/records.ts'

/** An alias that was moved, set or taken away, and why. */
export interface AliasMove {
  readonly timeMs: number
  readonly alias: string
  /** undefined where the alias was new. */
  readonly from: string | undefined
  /** undefined where the alias was taken away. */
  readonly to: string | undefined
  readonly reason: string
}

const PREFIX = 'fivefold.aliasMove.'

/** The tag of the registered model that keeps a move; its key sorts by time. */
export const moveTag = (move: AliasMove): { key: string; value: string } => ({
  key: `${PREFIX}${String(move.timeMs).padStart(15, '0')}.${move.alias}`,
  value: JSON.stringify({ alias: move.alias, from: move.from, to: move.to, reason: move.reason }),
})

/** The moves that a model's tags tell, newest first. */
export function aliasMoves(tags: Tags): AliasMove[] {
  return Object.entries(tags)
    .filter(([key]) => key.startsWith(PREFIX))
    .flatMap(([key, value]) => readMove(Number(key.slice(PREFIX.length).split('.')[0]), value))
    .sort((a, b) => b.timeMs - a.timeMs)
}

function readMove(timeMs: number, value: string): AliasMove[] {
  try {
    const { alias, from, to, reason } = JSON.parse(value) as Partial<AliasMove>
    if (!Number.isFinite(timeMs) || typeof alias !== 'string') return []
    return [{ timeMs, alias, from, to, reason: reason ?? '' }]
  } catch {
    return []
  }
}

/** Tags that say something to a reader, without those that keep moves. */
export const plainTags = (tags: Tags): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith(PREFIX)))

/** Where the alias pointed before it came to its present version; undefined where no move tells. */
export function previousVersion(model: RegisteredModel, alias: string): string | undefined {
  const now = model.aliases.find((one) => one.alias === alias)?.version
  if (now === undefined) return undefined
  return aliasMoves(model.tags).find((move) => move.alias === alias && move.to === now)?.from
}
