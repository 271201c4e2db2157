import type { Servable, Tensors } from '../model/servable.ts'
import { cacheKey, createResponseCache } from './response-cache.ts'

/** Answers beyond this process, by key. Its failures are its own affair: then there is no answer. */
export interface SharedCache {
  get(key: string): Promise<Tensors | undefined>
  set(key: string, answer: Tensors): void
  close(): Promise<void>
}

/** Answers of one model to questions that were asked before. */
export interface AnswerCache {
  get(feeds: Tensors, outputs: readonly string[] | undefined): Promise<Tensors | undefined> | Tensors | undefined
  set(feeds: Tensors, outputs: readonly string[] | undefined, answer: Tensors): void
}

/** So many answers in the memory of this process. */
export function answersInMemory(maxEntries: number): AnswerCache {
  const cache = createResponseCache(maxEntries)
  return {
    get: (feeds, outputs) => cache.get(cacheKey(feeds, outputs)),
    set: (feeds, outputs, answer) => cache.set(cacheKey(feeds, outputs), answer),
  }
}

/**
 * The answers of a model in a cache that others share. Models are told apart by what is in them, since elsewhere the same name and
 * version may mean another one; undefined for a model that does not say what is in it.
 */
export async function answersShared(cache: SharedCache, model: Servable): Promise<AnswerCache | undefined> {
  const digest = await model.digest?.()
  if (digest === undefined) return undefined
  const keyOf = (feeds: Tensors, outputs: readonly string[] | undefined): string =>
    `${digest}:${cacheKey(feeds, outputs)}`
  return {
    get: (feeds, outputs) => cache.get(keyOf(feeds, outputs)),
    set: (feeds, outputs, answer) => cache.set(keyOf(feeds, outputs), answer),
  }
}
