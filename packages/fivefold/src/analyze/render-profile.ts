import type { Problem } from '../problem/index.ts'
import { escapeMarkdown, formatCount, htmlDocument, notebook, notebookCells } from '../report/index.ts'
import { problemStatement } from './problem-statement.ts'
import type { Profile } from './profile.ts'
import { profileSections } from './profile-sections.ts'

/** The profile as one self-contained page. */
export function renderProfileHtml(profile: Profile, problem?: Problem): string {
  return htmlDocument({
    title: `Profile of ${nameOf(profile.location)}`,
    subtitle: problem
      ? `For ${problem.task} of ${problem.target}`
      : 'What is in the data, and what to settle before training',
    facts: [
      { label: 'Source', value: profile.location },
      {
        label: 'Columns compared on',
        value: `${formatCount(profile.sampleRows)} ${profile.sampleRows === profile.rows ? 'rows (all)' : 'sampled rows'}`,
      },
      { label: 'Seed', value: String(profile.seed) },
    ],
    sections: profileSections(profile, problem),
  })
}

/** The profile as a notebook with its outputs, over the profile's JSON. */
export function profileNotebook(profile: Profile, problem?: Problem): string {
  const sections = profileSections(profile, problem)
  const opening = `# Profile of ${escapeMarkdown(nameOf(profile.location))}\n\nMade by \`fivefold profile\`. Outputs are stored in this notebook; the code shows where each comes from.`
  return notebook({
    cells: [
      { kind: 'markdown', source: opening },
      ...(problem ? [{ kind: 'markdown' as const, source: problemStatement(problem, profile) }] : []),
      { kind: 'code', source: LOADING, outputs: [] },
      ...notebookCells(sections, ({ id }) => SOURCES[id] ?? 'profile'),
      { kind: 'code', source: 'profile.issues', outputs: [{ kind: 'json', value: profile.issues }] },
    ],
  })
}

const LOADING = `import { readFileSync } from 'node:fs'

const profile = JSON.parse(readFileSync('profile.json', 'utf8'))`

const SOURCES: Record<string, string> = {
  summary: '({ rows: profile.rows, columns: profile.columns.length, issues: profile.issues.length })',
  problem: '({ target: profile.target, protectedColumns: profile.protectedColumns })',
  columns: 'profile.columns',
  target: '({ target: profile.targetProfile, leakage: profile.leakage, withTarget: profile.associations.withTarget })',
  associations: 'profile.associations.pairs.slice(0, 60)',
  missing: 'profile.missingness',
  time: 'profile.drift',
  groups: 'profile.groups',
  personal: 'profile.personalData',
  quality: 'profile.issues',
}

function nameOf(location: string): string {
  return location.split(/[\\/]/).at(-1) || location
}
