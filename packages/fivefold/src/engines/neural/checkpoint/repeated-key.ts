/**
 * The first key that stands twice in one object of a JSON text, which JSON.parse lets pass. The text must be valid JSON.
 * One pass over the characters, since a hostile text can be longer than regular expressions bear.
 */
export function repeatedKey(json: string): string | undefined {
  const objects: Set<string>[] = []
  for (let at = 0; at < json.length; at++) {
    const character = json[at]
    if (character === '{') objects.push(new Set())
    else if (character === '}') objects.pop()
    else if (character === '"') {
      const end = endOfString(json, at)
      if (isKey(json, end)) {
        const name = JSON.parse(json.slice(at, end)) as string
        const keys = objects.at(-1)!
        if (keys.has(name)) return name
        keys.add(name)
      }
      at = end - 1
    }
  }
  return undefined
}

/** Position after the closing quotation mark. */
function endOfString(json: string, start: number): number {
  let at = start + 1
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1
  return at + 1
}

function isKey(json: string, end: number): boolean {
  let at = end
  while (json[at] === ' ' || json[at] === '\n' || json[at] === '\r' || json[at] === '\t') at++
  return json[at] === ':'
}
