/** What a person reads goes to stderr; stdout is JSON. */
export function progress(message) {
  console.error(`${new Date().toISOString().slice(11, 19)} ${message}`)
}

/** Rows of named cells, aligned. Columns are those of the first row. */
export function showTable(rows) {
  if (rows.length === 0) return
  const names = Object.keys(rows[0])
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? '')))]
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  for (const line of lines) console.error(line.map((cell, column) => cell.padEnd(widths[column])).join('  '))
}
