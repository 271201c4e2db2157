import type { AnswerEvent } from './log-event.ts'

/** What is remembered of an answered request until its outcomes come. */
export interface RememberedRequest {
  readonly answer: AnswerEvent
  /** Whether an outcome of that name is the first one: what is sent again counts once. */
  isFirst(outcome: string): boolean
}

/** The latest requests by id; the oldest are forgotten. */
export interface RequestMemory {
  remember(answer: AnswerEvent): void
  find(requestId: string): RememberedRequest | undefined
}

interface Entry {
  readonly answer: AnswerEvent
  outcomes?: Set<string>
}

export function createRequestMemory(capacity: number): RequestMemory {
  // A Map iterates in the order of insertion: its first entry is the oldest.
  const entries = new Map<string, Entry>()
  return {
    remember: (answer) => {
      entries.delete(answer.requestId)
      entries.set(answer.requestId, { answer })
      if (entries.size > capacity) entries.delete(entries.keys().next().value!)
    },
    find: (requestId) => {
      const entry = entries.get(requestId)
      if (!entry) return undefined
      const isFirst = (outcome: string): boolean => {
        entry.outcomes ??= new Set()
        if (entry.outcomes.has(outcome)) return false
        entry.outcomes.add(outcome)
        return true
      }
      return { answer: entry.answer, isFirst }
    },
  }
}
