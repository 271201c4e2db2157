import type { TextArtifact } from './console-client.ts'

/** Reads a body up to `maxBytes` and lets go of the rest. */
export async function readStart(response: Response, maxBytes: number): Promise<TextArtifact> {
  const decoder = new TextDecoder()
  const reader = response.body?.getReader()
  if (!reader) return { text: '', isCut: false }
  let [text, size] = ['', 0]
  while (size < maxBytes) {
    const { done, value } = await reader.read()
    if (done) return { text: text + decoder.decode(), isCut: false }
    const kept = value.subarray(0, maxBytes - size)
    size += value.length
    text += decoder.decode(kept, { stream: true })
  }
  await reader.cancel()
  return { text, isCut: true }
}
