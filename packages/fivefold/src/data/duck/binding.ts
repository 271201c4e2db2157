/**
 * DuckDB itself, loaded when the first table is opened: it takes tens of megabytes and some hundred milliseconds, and
 * engines that import matrices from this folder have no use for it.
 */
export function loadDuckDb(): Promise<typeof import('@duckdb/node-api')> {
  return import('@duckdb/node-api')
}
