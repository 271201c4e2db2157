/** Text of a model in a cell of a table: one line, no markup. */
export const markdownCell = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_|<>[\]]/g, '\\$&')
