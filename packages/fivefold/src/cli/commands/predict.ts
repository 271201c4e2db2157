import { createPredictor, inputSchema, predictionColumns } from '../../bundle/index.ts'
import { type Context, throwIfCancelled } from '../../core/index.ts'
import { type Frame, openTable, writeFrames } from '../../data/index.ts'
import { type CommonFlags, withCommandContext } from '../command-context.ts'
import { openModel } from '../open-model.ts'
import { printJson, printLine } from '../output.ts'
import { type SourceFlags, sourceFromFlags } from '../source-flags.ts'

interface PredictFlags extends CommonFlags, SourceFlags {
  readonly model: string
  readonly data: string
  readonly out: string
  readonly store: string
}

/** Scores a table of any size, piece by piece; the answers stand in the order of the rows. */
export async function predictCommand(flags: PredictFlags): Promise<void> {
  const rows = await withCommandContext(flags, (context) => predictFile(flags, context))
  if (flags.json) printJson({ rows, out: flags.out })
  else printLine(`${rows} predictions are in ${flags.out}`)
}

async function predictFile(flags: PredictFlags, context: Context): Promise<number> {
  const { bundle } = await openModel(flags.model, flags.store)
  await using table = await openTable(
    { ...sourceFromFlags(flags.data, flags), schema: inputSchema(bundle.manifest) },
    context,
  )
  const predictor = await createPredictor(bundle, { threads: context.threads })
  try {
    const { schema, toFrame } = predictionColumns(bundle.manifest)
    const answers = async function* (): AsyncGenerator<Frame> {
      let done = 0
      for await (const frame of table.scan(bundle.manifest.inputs.map((input) => input.name))) {
        throwIfCancelled(context.signal)
        yield toFrame(await predictor.predict(frame))
        done += frame.rowCount
        context.progress({ stage: 'predict', done, total: table.rowCount })
      }
    }
    await writeFrames(answers(), schema, flags.out)
    return table.rowCount
  } finally {
    await predictor.close()
  }
}
