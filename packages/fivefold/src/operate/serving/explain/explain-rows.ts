import { createRng, didYouMean, FivefoldError } from '../../../core/index.ts'
import type { TableFace, Tensors } from '../model/servable.ts'
import { labelsOf, numbersOf } from '../model/table-tensors.ts'
import { rowCountOf, sliceTensors } from '../model/tensor-batches.ts'
import type { ModelEndpoint } from '../runtime/model-repository.ts'
import { type ShapleyValues, shapleyValues } from './shapley-values.ts'

/** Why a row got its answer. */
export interface Explanation extends ShapleyValues {
  /** The class whose probability is explained; absent for regression. */
  readonly class?: string
  /** The probability, or the prediction. */
  readonly value: number
}

export interface RowExplanations {
  readonly backgroundRows: number
  readonly columns: readonly string[]
  /** One a row. */
  readonly rows: readonly Explanation[]
}

export interface ExplainRequest {
  readonly feeds: Tensors
  /** What the model said of them. */
  readonly answer: Tensors
  /** Default: the positive one of two classes, else the one that is predicted for the row. */
  readonly class?: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** Each takes thousands of runs of the model. */
const MOST_EXPLAINED_ROWS = 100
/** Rows that are scored to explain one: bounds the time for models of many columns. */
const SCORED_ROWS = 20_000
const LEAST_BACKGROUND_ROWS = 10

/**
 * What each raw column added to the answer for each row, in units of the answer, with background rows of the bundle. Works on the
 * graph that answers, whatever model is in it. The same question gets the same explanation.
 *
 * @throws EXPLANATION_UNAVAILABLE where the model brings no background, or does not answer alike each time;
 *   REQUEST_TOO_LARGE beyond 100 rows; REQUEST_INVALID for a class that the model does not know; TIMEOUT
 */
export async function explainRows(
  endpoint: ModelEndpoint,
  table: TableFace,
  request: ExplainRequest,
): Promise<RowExplanations> {
  const { feeds, answer } = request
  requireExplainable(endpoint, table, feeds)
  const columns = table.columns.map(({ name }) => name)
  const background = await backgroundOf(table, columns.length)
  const probe = probeOf(endpoint, request)
  const backgroundAnswer = await probe(background)
  await requireSameAnswer(probe, feeds, answer, table)
  const rows: Explanation[] = []
  for (let row = 0; row < rowCountOf(feeds); row++) {
    const explained = classOf(table, answer, row, request.class)
    const scores = scoresOf(table, explained)
    const game = {
      row: inOrder(sliceTensors(feeds, row, row + 1), columns),
      score: scores(answer)[row]!,
      background,
      backgroundScores: scores(backgroundAnswer),
    }
    const values = await shapleyValues(game, async (mixed) => scores(await probe(mixed)), createRng(0).fork('explain'))
    rows.push({ ...values, value: game.score, ...(explained === undefined ? {} : { class: explained }) })
  }
  return { backgroundRows: rowCountOf(background), columns, rows }
}

/**
 * To be asked before there is an answer, which would be thrown away.
 *
 * @throws EXPLANATION_UNAVAILABLE, REQUEST_TOO_LARGE
 */
export function requireExplainable(endpoint: ModelEndpoint, table: TableFace | undefined, feeds: Tensors): void {
  const rowCount = rowCountOf(feeds)
  if (!table?.background) throw unavailable('it brings no rows to compare with', 'Serve a bundle that Fivefold wrote.')
  if (!endpoint.probe)
    throw unavailable('versions take turns to answer under this name', 'Ask a version by its own name.')
  if (rowCount > MOST_EXPLAINED_ROWS)
    throw new FivefoldError(
      'REQUEST_TOO_LARGE',
      `${rowCount} rows; at most ${MOST_EXPLAINED_ROWS} can be explained at once`,
    )
}

const inOrder = (tensors: Tensors, columns: readonly string[]): Tensors =>
  Object.fromEntries(columns.map((name) => [name, tensors[name]!]))

async function backgroundOf({ background }: TableFace, columnCount: number): Promise<Tensors> {
  const rows = await background!().catch(unreadable)
  const affordable = Math.floor(SCORED_ROWS / (2 * Math.max(1, columnCount - 1)))
  return sliceTensors(rows, 0, Math.min(rowCountOf(rows), Math.max(LEAST_BACKGROUND_ROWS, affordable)))
}

type Probe = (feeds: Tensors) => Promise<Tensors>

function probeOf(endpoint: ModelEndpoint, { signal, timeoutMs }: ExplainRequest): Probe {
  const deadline = AbortSignal.timeout(timeoutMs)
  const either = signal ? AbortSignal.any([signal, deadline]) : deadline
  return async (feeds) => {
    try {
      return await endpoint.probe!(feeds, either)
    } catch (thrown) {
      if (!deadline.aborted) throw thrown
      throw new FivefoldError('TIMEOUT', `no explanation within ${timeoutMs} ms`, { cause: thrown })
    }
  }
}

/** Single-precision numbers of runs that differ in their number of rows. */
const TOLERANCE = 1e-4

/** Contributions sum to the answer only where the model says the same of the same row. */
async function requireSameAnswer(probe: Probe, feeds: Tensors, answer: Tensors, table: TableFace): Promise<void> {
  const again = await probe(feeds)
  const names =
    table.output.task === 'regression' ? ['prediction'] : table.output.classes.map((name) => `probability_${name}`)
  for (const name of names) {
    const [said, says] = [numbersOf(answer, name), numbersOf(again, name)]
    for (let row = 0; row < said.length; row++)
      if (!(Math.abs(said[row]! - says[row]!) <= TOLERANCE * Math.max(1, Math.abs(said[row]!))))
        throw unavailable(`it does not say the same of row ${row} each time, or nothing finite`, '')
  }
}

function classOf({ output }: TableFace, answer: Tensors, row: number, wanted: string | undefined): string | undefined {
  if (output.task === 'regression') {
    if (wanted === undefined) return undefined
    throw new FivefoldError('REQUEST_INVALID', 'the model predicts a number and has no classes')
  }
  const { classes } = output
  if (wanted !== undefined && !classes.includes(wanted))
    throw new FivefoldError(
      'REQUEST_INVALID',
      `the model has no class '${wanted.slice(0, 100)}'${didYouMean(wanted, classes)}`,
    )
  return wanted ?? (classes.length === 2 ? classes[1] : labelsOf(answer)[row])
}

function scoresOf(table: TableFace, explained: string | undefined): (answer: Tensors) => Float32Array {
  const name = table.output.task === 'regression' ? 'prediction' : `probability_${explained}`
  return (answer) => numbersOf(answer, name)
}

/** What lies there is the bundle's, and no fault of whoever asks. */
function unreadable(thrown: unknown): never {
  const { message } = FivefoldError.from(thrown)
  throw new FivefoldError('EXPLANATION_UNAVAILABLE', `the reference sample of the bundle: ${message}`, {
    cause: thrown,
  })
}

const unavailable = (why: string, remedy: string): FivefoldError =>
  new FivefoldError('EXPLANATION_UNAVAILABLE', `the model cannot be explained: ${why}`, remedy === '' ? {} : { remedy })
