import type { AuditEntry } from '../client/records.ts'
import type { AliasMove } from './alias-moves.ts'

/** One thing that happened to a model, as a reader sees it. */
export type TrailEntry =
  | { readonly kind: 'alias'; readonly timeMs: number; readonly move: Omit<AliasMove, 'timeMs'> }
  | { readonly kind: 'version'; readonly timeMs: number; readonly version: string; readonly what: string }
  | { readonly kind: 'model'; readonly timeMs: number; readonly what: string }

/** Clocks of the browser, which writes reasons, and of the server, which writes what happened, differ by no more. */
const SAME_MOVE_MS = 5 * 60_000

/**
 * The record that the server keeps, newest first, with the reasons that people gave for moving aliases. A server that keeps
 * none has only those.
 */
export function toTrail(entries: readonly AuditEntry[] | undefined, moves: readonly AliasMove[]): TrailEntry[] {
  if (!entries) return moves.map(({ timeMs, ...move }) => ({ kind: 'alias', timeMs, move }))
  const unused = new Set(moves)
  return entries.map((entry) => toEntry(entry, unused))
}

function toEntry({ timeMs, action, details }: AuditEntry, unused: Set<AliasMove>): TrailEntry {
  const { alias, before, version, stage } = details
  if ((action === 'setAlias' || action === 'deleteAlias') && alias !== undefined) {
    const to = action === 'setAlias' ? version : undefined
    return { kind: 'alias', timeMs, move: { alias, from: before, to, reason: takeReason(unused, alias, to, timeMs) } }
  }
  if (action === 'renameModel') return { kind: 'model', timeMs, what: `renamed from ${before}` }
  if (version === undefined) return { kind: 'model', timeMs, what: MODEL_ACTIONS[action] ?? action }
  // There is no page of it any more.
  if (action === 'deleteVersion') return { kind: 'model', timeMs, what: `lost its version ${version}` }
  if (action === 'setStage') return { kind: 'version', timeMs, version, what: `went from ${before} to ${stage}` }
  return { kind: 'version', timeMs, version, what: VERSION_ACTIONS[action] ?? action }
}

const MODEL_ACTIONS: Readonly<Record<string, string>> = { createModel: 'created', deleteModel: 'deleted' }
const VERSION_ACTIONS: Readonly<Record<string, string>> = {
  registerModel: 'was registered',
  deleteVersion: 'was deleted',
}

function takeReason(unused: Set<AliasMove>, alias: string, to: string | undefined, timeMs: number): string {
  for (const move of unused) {
    if (move.alias !== alias || move.to !== to || Math.abs(move.timeMs - timeMs) > SAME_MOVE_MS) continue
    unused.delete(move)
    return move.reason
  }
  return ''
}
