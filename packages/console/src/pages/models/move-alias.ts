import type { ConsoleClient } from '../../client/console-client.ts'
import { type AliasMove, moveTag } from '../../state/alias-moves.ts'

/**
 * Moves an alias and keeps why. The reason is written first and taken back where the move fails: a move without a record is
 * worse than a record without a move.
 */
export async function moveAlias(client: ConsoleClient, name: string, move: AliasMove): Promise<void> {
  const { key, value } = moveTag(move)
  await client.setModelTag(name, key, value)
  try {
    if (move.to === undefined) await client.deleteAlias(name, move.alias)
    else await client.setAlias(name, move.alias, move.to)
  } catch (error) {
    await client.deleteModelTag(name, key).catch(() => undefined)
    throw error
  }
}
