import { readFile } from 'node:fs/promises'
import { type Context, FivefoldError, writeFileAtomic } from '../../core/index.ts'
import { openTable } from '../../data/index.ts'
import {
  inferValidationSchema,
  parseValidationSchema,
  type ValidationReport,
  validateTable,
} from '../../prepare/index.ts'
import { type CommonFlags, withCommandContext } from '../command-context.ts'
import { printJson, printLine } from '../output.ts'
import { type SourceFlags, sourceFromFlags } from '../source-flags.ts'

interface ValidateFlags extends CommonFlags, SourceFlags {
  readonly schema: string
  readonly rejects?: string
}

/** Exit code 1 where rows break the schema. A schema file that does not exist is made from the data instead. */
export async function validateCommand(data: string, flags: ValidateFlags): Promise<void> {
  const report = await withCommandContext(flags, (context) => validateData(data, flags, context))
  if (report === undefined) {
    if (flags.json) printJson({ schemaWritten: flags.schema })
    else printLine(`wrote ${flags.schema}: look it over, edit it, then run the command again`)
    return
  }
  if (flags.json) printJson(report)
  else printReport(report, flags)
  if (!report.isValid) process.exitCode = 1
}

async function validateData(
  data: string,
  flags: ValidateFlags,
  context: Context,
): Promise<ValidationReport | undefined> {
  const { types, ...source } = sourceFromFlags(data, flags)
  const text = await readFile(flags.schema, 'utf8').catch(missingFile)
  if (text !== undefined) {
    // Types are the schema's; a guess from this very data would turn what is wrong into missing values.
    const schema = parseValidationSchema(parseJson(text, flags.schema))
    await using table = await openTable({ ...source, asText: true }, context)
    return await validateTable(table, schema, flags.rejects === undefined ? {} : { rejectsPath: flags.rejects })
  }
  await using table = await openTable({ ...source, ...(types && { types }) }, context)
  await writeFileAtomic(flags.schema, `${JSON.stringify(await inferValidationSchema(table), null, 2)}\n`)
  return undefined
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FivefoldError('CONFIG_INVALID', `${path} is not JSON`, { cause })
  }
}

function missingFile(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw FivefoldError.from(error)
}

function printReport(report: ValidationReport, flags: ValidateFlags): void {
  printLine(
    report.isValid
      ? `all ${report.rowCount} rows are valid`
      : `${report.rejectedRows} of ${report.rowCount} rows break the schema`,
  )
  for (const violation of report.violations) printLine(`  ${violation.message}`)
  if (flags.rejects !== undefined && report.rejectedRows > 0) printLine(`set aside in ${flags.rejects}`)
}
