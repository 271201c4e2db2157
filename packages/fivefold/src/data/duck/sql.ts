/** Names and texts come from files and users: everything that enters SQL goes through one of these. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

export function quoteTexts(texts: readonly string[]): string {
  return texts.map(quoteText).join(', ')
}

/** Groups of at most `size`, so that a table of thousands of columns does not become one statement. */
export function inGroups<T>(items: readonly T[], size: number): T[][] {
  const groups: T[][] = []
  for (let start = 0; start < items.length; start += size) groups.push(items.slice(start, start + size))
  return groups
}
