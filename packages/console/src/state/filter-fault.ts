/** The part of a filter that an answer complains about. */
export interface FilterFault {
  readonly from: number
  readonly to: number
}

/** Finds in the server's words where the filter is wrong: a quoted piece of it, a place, or its end. */
export function findFault(filter: string, message: string): FilterFault | undefined {
  const place = /at (?:character|position|offset) (\d+)/i.exec(message)
  if (place) return wordAt(filter, Number(place[1]))
  if (/found the end|end of (?:the )?(?:filter|input)/i.test(message))
    return { from: filter.length, to: filter.length + 1 }
  const pieces = [...message.matchAll(/'([^']+)'|"([^"]+)"|`([^`]+)`/g), ...message.matchAll(/found '(.+)'/g)]
    .map(([, ...quoted]) => quoted.find((one) => one !== undefined)!)
    .filter((piece) => filter.includes(piece) && piece !== filter)
    .sort((a, b) => b.length - a.length)
  const [longest] = pieces
  if (longest === undefined) return undefined
  const from = filter.indexOf(longest)
  return { from, to: from + longest.length }
}

function wordAt(filter: string, from: number): FilterFault {
  const word = /^\S+/.exec(filter.slice(from))?.[0] ?? ' '
  return { from, to: from + word.length }
}
