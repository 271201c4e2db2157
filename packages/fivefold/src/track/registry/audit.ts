import type { Clock } from '../../core/index.ts'
import type { Writer } from '../database/tables.ts'
import type { AuditEntry } from './registry.ts'

/** Records a change of the registry in the transaction that makes it. */
export async function writeAudit(
  writer: Writer,
  clock: Clock,
  { action, model, details }: Omit<AuditEntry, 'timestampMs'>,
): Promise<void> {
  const values = { timestamp_ms: clock.nowMs(), action, model, details: JSON.stringify(details) }
  await writer.insertInto('audit').values(values).execute()
}
