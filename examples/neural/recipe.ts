/** What the recipes share: settings from the command line, progress, and where pictures and models go. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Context, createContext, createProgressDisplay } from 'fivefold'
import type { TrainedNetwork } from 'fivefold/neural'
import { createSession, type OnnxModel, type OnnxSession, writeModelFile } from 'fivefold/onnx'
import { curveChart } from 'fivefold/report'

/** `--quick`: less data and fewer steps, which must still show that the network learns. */
const isQuick = process.argv.includes('--quick')
export const choose = (usual: number, quick: number): number => (isQuick ? quick : usual)

const out = 'fivefold-out/neural'
await mkdir(out, { recursive: true })

const display = createProgressDisplay(process.stderr)
export const finishProgress = (): void => display.finish()
export const recipeContext = (): Context => createContext({ seed: 7, progress: display.sink })

export async function savePicture(name: string, svg: string): Promise<void> {
  await writeFile(join(out, name), svg)
  console.log(`picture: ${join(out, name)}`)
}

/** Prints what was measured after each epoch, and draws the loss. */
export async function reportTraining(recipe: string, { history }: TrainedNetwork): Promise<void> {
  display.finish()
  for (const { epoch, step: _, ...measured } of history)
    console.log(`epoch ${epoch}`, ...Object.entries(measured).map(([name, value]) => `${name} ${value.toFixed(4)}`))
  const curves = ['train/loss', 'validation/loss'].map((name) => ({
    name,
    points: history.map((entry) => ({ x: entry.epoch!, y: entry[name]! })),
  }))
  const label = `Loss of the ${recipe} recipe by epoch`
  await savePicture(`${recipe}-loss.svg`, curveChart({ label, curves, x: 'epoch', y: 'loss' }))
}

/** Writes the model, and opens the file as a server would. */
export async function saveModel(recipe: string, model: OnnxModel): Promise<OnnxSession> {
  const path = join(out, `${recipe}.onnx`)
  await writeModelFile(path, model)
  console.log(`model: ${path}`)
  return createSession(await readFile(path))
}
