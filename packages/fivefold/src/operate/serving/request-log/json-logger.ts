import type { Logger } from '../../../core/index.ts'
import type { LineWriter } from './line-writer.ts'

export interface JsonLogger extends Logger {
  close(): Promise<void>
}

/** What a server says of itself, as JSON lines on standard error. */
export async function createJsonLogger(): Promise<JsonLogger> {
  const { createLineWriter } = await import('./line-writer.ts')
  const writer = createLineWriter()
  return { debug: () => {}, info: write(writer, 'info'), warn: write(writer, 'warn'), close: writer.close }
}

const write =
  (writer: LineWriter, level: 'info' | 'warn') =>
  (message: string, fields: Record<string, unknown> = {}): void =>
    writer.write(JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }))
