import { FivefoldError } from '../../core/index.ts'

/**
 * DuckDB itself, loaded when the first table is opened: it takes tens of megabytes and some hundred milliseconds, and
 * engines that import matrices from this folder have no use for it.
 *
 * @throws DATA_UNREADABLE where it is not there, as in a function that only answers
 */
export async function loadDuckDb(): Promise<typeof import('@duckdb/node-api')> {
  try {
    return await import('@duckdb/node-api')
  } catch (cause) {
    throw new FivefoldError(
      'DATA_UNREADABLE',
      'the package @duckdb/node-api, which reads tables, cannot be loaded here',
      {
        cause,
        remedy:
          'Install it beside fivefold: npm install @duckdb/node-api. A server without it takes JSON, CSV and Arrow.',
      },
    )
  }
}
