/**
 * A template literal without the indentation that it has in the source. A value of several lines keeps the indentation
 * of the line that it stands in, so that blocks nest.
 */
export function textBlock(literals: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  const margin = new RegExp(`\\n {0,${commonIndent(literals)}}`, 'g')
  let text = ''
  for (const [at, literal] of literals.entries()) {
    text += literal.replace(margin, '\n')
    if (at < values.length)
      text += String(values[at])
        .trimEnd()
        .replaceAll('\n', `\n${indentOfLastLine(text)}`)
  }
  // An empty value must not leave the indentation of its line behind.
  return `${text.replace(/[ \t]+$/gm, '').trim()}\n`
}

function commonIndent(literals: TemplateStringsArray): number {
  const indents = literals.flatMap((literal, at) =>
    [...literal.matchAll(/\n( *)(?=(\S|$))/g)]
      .filter((match) => match[2] !== '' || isBeforeValue(literals, at, match))
      .map((match) => match[1]!.length),
  )
  return Math.min(...indents, Number.MAX_SAFE_INTEGER)
}

/** Whether a line that looks empty goes on with a value. */
function isBeforeValue(literals: TemplateStringsArray, at: number, match: RegExpExecArray): boolean {
  return at < literals.length - 1 && match.index + match[0].length === literals[at]!.length
}

const indentOfLastLine = (text: string): string => /^ */.exec(text.slice(text.lastIndexOf('\n') + 1))![0]
