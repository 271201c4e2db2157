import { access, mkdir, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { FivefoldError } from '../../core/index.ts'
import { printJson, printLine } from '../output.ts'

/** Writes `fivefold.config.ts` and `.gitignore`; never over files that are there. */
export async function initCommand(folder: string, flags: { json?: boolean }): Promise<void> {
  const path = resolve(folder)
  await mkdir(path, { recursive: true })
  const files = {
    'fivefold.config.ts': configTemplate(modelName(path)),
    '.gitignore': 'fivefold-out/\nfivefold-profile/\nfivefold-evaluation/\n.fivefold/\nnode_modules/\n',
  }
  const written: string[] = []
  for (const [name, content] of Object.entries(files)) {
    const taken = await access(join(path, name)).then(
      () => true,
      () => false,
    )
    if (taken && name === 'fivefold.config.ts')
      throw new FivefoldError('STORE_CONFLICT', `${join(path, name)} exists already`, {
        remedy: 'Remove it first, or choose another folder.',
      })
    if (taken) continue
    await writeFile(join(path, name), content, { flag: 'wx' })
    written.push(name)
  }
  if (flags.json) printJson({ folder: path, written })
  else
    printLine(
      `wrote ${written.join(' and ')} in ${path}\nnext: name your data and target in fivefold.config.ts, then: npx fivefold run`,
    )
}

const modelName = (path: string): string => basename(path).replace(/[^\w.-]+/g, '-') || 'model'

const configTemplate = (name: string): string => `import { defineProject } from 'fivefold'

export default defineProject({
  name: '${name}',
  // CSV, Parquet, JSONL, a glob, duckdb:file.db?table=t or postgres://user@host/db?table=t
  data: { location: 'data.csv' },
  // A column, or an expression: { name: 'late', sql: 'delay > 15' }
  target: 'target',
  // What the model must reach on test rows; otherwise \`fivefold run\` exits with 3.
  // criteria: [{ metric: 'rocAuc', atLeast: 0.8 }],
  // split: { kind: 'time', column: 'date', testFraction: 0.2 },
  // drop: ['customer_id'],
  // protect: ['sex'],
})
`
