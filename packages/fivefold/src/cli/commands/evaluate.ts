import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../../core/index.ts'
import { formatMetric, renderEvaluationHtml } from '../../evaluate/index.ts'
import type { MetricName } from '../../metrics/index.ts'
import { formatInterval } from '../../report/index.ts'
import { evaluateBundle } from '../../workflow/index.ts'
import { type CommonFlags, withCommandContext } from '../command-context.ts'
import { openModel } from '../open-model.ts'
import { printJson, printLine } from '../output.ts'
import { type SourceFlags, sourceFromFlags } from '../source-flags.ts'

interface EvaluateFlags extends CommonFlags, SourceFlags {
  readonly model: string
  readonly data: string
  readonly out: string
  readonly store: string
}

/** Exit code 3 where the data misses a criterion of the model's problem. */
export async function evaluateCommand(flags: EvaluateFlags): Promise<void> {
  const evaluation = await withCommandContext(flags, async (context) => {
    const { bundle } = await openModel(flags.model, flags.store)
    return evaluateBundle(bundle, sourceFromFlags(flags.data, flags), context)
  })
  const path = join(flags.out, 'reports', 'evaluation.html')
  await mkdir(join(flags.out, 'reports'), { recursive: true })
  await writeFileAtomic(path, renderEvaluationHtml(evaluation))
  if (flags.json) printJson(evaluation)
  else {
    for (const name of Object.keys(evaluation.metrics) as MetricName[])
      printLine(`${name.padEnd(18)} ${formatMetric(name, evaluation.metrics[name])}`)
    if (evaluation.regression) printLine(`${'mean residual'.padEnd(18)} ${formatInterval(evaluation.regression.bias)}`)
    printLine(`report: ${path}`)
  }
  if (evaluation.verdict.criteriaMet === false) process.exitCode = 3
}
