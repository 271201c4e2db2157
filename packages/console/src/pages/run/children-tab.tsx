import { useState } from 'react'
import { links } from '../../app/links.ts'
import type { Run } from '../../client/records.ts'
import { availableColumns, columnOf, defaultColumns } from '../../state/run-columns.ts'
import { nestedRows, sortedRuns } from '../../state/run-rows.ts'
import { NEWEST_FIRST, type SortOrder } from '../../state/run-view.ts'
import { RunTable } from '../runs/run-table.tsx'
import { SelectionBar } from '../runs/selection-bar.tsx'
import styles from './children-tab.module.css'

const NONE: ReadonlySet<string> = new Set()

/** The runs below this one, as folds and candidates, in a table of their own. */
export function ChildrenTab({ runs }: { readonly runs: readonly Run[] }) {
  const [sort, setSort] = useState<SortOrder>({ ...NEWEST_FIRST, descending: false })
  const [selected, setSelected] = useState(NONE)
  const columns = defaultColumns(runs, availableColumns(runs)).map(columnOf)
  return (
    <div className={styles.children}>
      <p>
        <a href={links.compare(runs.slice(0, 50).map(({ id }) => id))}>
          Compare {runs.length > 50 ? 'the first 50' : 'all'}
        </a>
      </p>
      {selected.size > 0 && (
        <SelectionBar
          selected={selected}
          isDeletedView={false}
          onClear={() => setSelected(NONE)}
          onDone={() => setSelected(NONE)}
        />
      )}
      <RunTable
        rows={nestedRows(sortedRuns(runs, columnOf(sort.column), sort.descending), NONE)}
        columns={columns}
        sort={sort}
        onSort={setSort}
        selected={selected}
        onSelected={setSelected}
        onToggle={() => undefined}
        isStale={false}
      />
    </div>
  )
}
