import { createPredictor, inputSchema, predictionColumns } from '../../bundle/index.ts'
import { type Context, FivefoldError, throwIfCancelled } from '../../core/index.ts'
import {
  type ColumnSchema,
  type Frame,
  openTable,
  type Schema,
  selectColumns,
  unknownColumns,
  writeFrames,
} from '../../data/index.ts'
import { type CommonFlags, withCommandContext } from '../command-context.ts'
import { openModel } from '../open-model.ts'
import { printJson, printLine } from '../output.ts'
import { type SourceFlags, sourceFromFlags } from '../source-flags.ts'
import { createUnseenCategories } from '../unseen-categories.ts'

interface PredictFlags extends CommonFlags, SourceFlags {
  readonly model: string
  readonly data: string
  readonly out: string
  readonly keep?: readonly string[]
  readonly store: string
}

interface Scored {
  readonly rows: number
  readonly warnings: readonly string[]
}

/** Scores a table of any size, piece by piece; the answers stand in the order of the rows. */
export async function predictCommand(flags: PredictFlags): Promise<void> {
  const { rows, warnings } = await withCommandContext(flags, (context) => predictFile(flags, context))
  if (flags.json) printJson({ rows, out: flags.out, warnings })
  else printLine(`${rows} predictions are in ${flags.out}`)
}

async function predictFile(flags: PredictFlags, parent: Context): Promise<Scored> {
  const warnings: string[] = []
  const context = rememberWarnings(parent, warnings)
  const { bundle } = await openModel(flags.model, flags.store)
  const { manifest } = bundle
  const answers = predictionColumns(manifest)
  const kept = await keptColumns(flags, inputSchema(manifest), answers.schema, context)
  const schema = { columns: merge(inputSchema(manifest).columns, kept) }
  await using table = await openTable({ ...sourceFromFlags(flags.data, flags), schema }, context)
  await using predictor = await createPredictor(bundle, { threads: context.threads })
  const unseen = createUnseenCategories(manifest.inputs)
  const names = kept.map(({ name }) => name)
  const scored = async function* (): AsyncGenerator<Frame> {
    let done = 0
    for await (const frame of table.scan()) {
      throwIfCancelled(context.signal)
      unseen.add(frame)
      const answer = answers.toFrame(await predictor.predict(frame))
      yield { ...answer, columns: new Map([...selectColumns(frame, names).columns, ...answer.columns]) }
      done += frame.rowCount
      context.progress({ stage: 'predict', done, total: table.rowCount })
    }
  }
  await writeFrames(scored(), { columns: [...kept, ...answers.schema.columns] }, flags.out)
  for (const warning of unseen.warnings()) context.log.warn(warning)
  return { rows: table.rowCount, warnings }
}

function rememberWarnings(context: Context, warnings: string[]): Context {
  const warn = (message: string): void => {
    warnings.push(message)
    context.log.warn(message)
  }
  return { ...context, log: { ...context.log, warn } }
}

/**
 * The schema of the columns to keep. Texts are written as they stand in the data; a column is numbers, true or false,
 * or times only where every value is, since a code such as 'x7' among numbers must not get lost.
 */
async function keptColumns(
  flags: PredictFlags,
  inputs: Schema,
  answers: Schema,
  context: Context,
): Promise<ColumnSchema[]> {
  const { keep = [] } = flags
  if (keep.length === 0) return []
  const taken = keep.find((name) => answers.columns.some((column) => column.name === name))
  if (taken !== undefined)
    throw new FivefoldError('CLI_USAGE', `--keep ${taken}: a column of the predictions has that name`)
  await using table = await openTable(sourceFromFlags(flags.data, flags), context)
  return [...new Set(keep)].map((name) => keptColumn(name, inputs, table.schema, flags.data))
}

function keptColumn(name: string, inputs: Schema, found: Schema, place: string): ColumnSchema {
  const column = inputs.columns.find((input) => input.name === name) ?? found.columns.find((c) => c.name === name)
  if (!column)
    throw unknownColumns(
      [name],
      found.columns.map((known) => known.name),
      `${place}, --keep`,
    )
  const isInput = inputs.columns.includes(column)
  if (isInput || !column.nullable) return column
  return { name, type: 'text', tensor: 'string', nullable: true, evidence: 'kept as it is' }
}

function merge(inputs: readonly ColumnSchema[], kept: readonly ColumnSchema[]): ColumnSchema[] {
  return [...inputs, ...kept.filter(({ name }) => !inputs.some((input) => input.name === name))]
}
