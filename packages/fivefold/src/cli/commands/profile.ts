import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { inferProblem, type Profile, profileNotebook, profileTable, renderProfileHtml } from '../../analyze/index.ts'
import { type Context, writeFileAtomic } from '../../core/index.ts'
import { openTable } from '../../data/index.ts'
import { type CommonFlags, withCommandContext } from '../command-context.ts'
import { printJson, printLine } from '../output.ts'
import { type SourceFlags, sourceFromFlags } from '../source-flags.ts'

interface ProfileFlags extends CommonFlags, SourceFlags {
  readonly target?: string
  readonly time?: string
  readonly protect?: readonly string[]
  readonly out: string
}

export async function profileCommand(data: string, flags: ProfileFlags): Promise<void> {
  const profile = await withCommandContext(flags, (context) => profileData(data, flags, context))
  if (flags.json) return printJson(profile)
  printLine(`${profile.rows} rows, ${profile.columns.length} columns`)
  for (const issue of profile.issues.slice(0, 10)) printLine(`  ${issue.severity}: ${issue.title} (${issue.evidence})`)
  printLine(`report: ${join(flags.out, 'reports', 'profile.html')}`)
}

async function profileData(data: string, flags: ProfileFlags, context: Context): Promise<Profile> {
  await using table = await openTable(sourceFromFlags(data, flags), context)
  const { target, time, protect = [] } = flags
  const problem = target === undefined ? undefined : await inferProblem(table, { target, protect: [...protect] })
  const options = {
    protect: [...protect],
    ...(target !== undefined && { target }),
    ...(time !== undefined && { time }),
  }
  const profile = await profileTable(table, options, context)
  const reports = join(flags.out, 'reports')
  await mkdir(reports, { recursive: true })
  await writeFileAtomic(join(reports, 'profile.html'), renderProfileHtml(profile, problem))
  await writeFileAtomic(join(reports, 'profile.ipynb'), profileNotebook(profile, problem))
  await writeFileAtomic(join(reports, 'profile.json'), JSON.stringify(profile, null, 2))
  return profile
}
