import { useMemo, useState } from 'react'
import { useClient } from '../../app/use-client.ts'
import { useQuery } from '../../app/use-query.ts'
import { CurveCard } from '../../charts/curve-card.tsx'
import { type CurveSettings, curveSettings } from '../../charts/curve-settings.ts'
import { CurveToolbar } from '../../charts/curve-toolbar.tsx'
import type { Run } from '../../client/records.ts'
import { SearchField } from '../../components/field.tsx'
import { Empty, Problem } from '../../components/notice.tsx'
import { WhenSeen } from '../../components/when-seen.tsx'
import { type CompareViewProps, sharedKeys } from './compare-view.ts'
import styles from './curves-view.module.css'

const MOST_POINTS = 1000
const REFRESH_MS = 4000

/** Each metric with steps once, with the curves of all runs over one another. */
export function CurvesView({ runs, params }: CompareViewProps) {
  const settings = curveSettings(params)
  const [words, setWords] = useState('')
  const keys = sharedKeys(runs, 'metrics').filter((key) => runs.some(({ metrics }) => (metrics[key]?.step ?? 0) !== 0))
  const found = keys.filter((key) => key.toLowerCase().includes(words.trim().toLowerCase()))
  if (keys.length === 0) return <Empty title="No curves">These runs logged no metric with steps.</Empty>
  return (
    <>
      <div className={styles.tools}>
        <SearchField label="Search metrics" value={words} onValue={setWords} />
        <CurveToolbar settings={settings} />
      </div>
      <div className={styles.cards}>
        {found.map((key) => (
          <WhenSeen key={key} heightPx={330}>
            <ComparedCurve metricKey={key} runs={runs} settings={settings} />
          </WhenSeen>
        ))}
      </div>
    </>
  )
}

function ComparedCurve({
  metricKey,
  runs,
  settings,
}: {
  readonly metricKey: string
  readonly runs: readonly Run[]
  readonly settings: CurveSettings
}) {
  const client = useClient()
  const ids = runs.map(({ id }) => id)
  const { data, error } = useQuery(
    `series ${ids} ${metricKey}`,
    (signal) => client.metricSeries(ids, metricKey, MOST_POINTS, signal),
    { refreshMs: runs.some(({ status }) => status === 'running') ? REFRESH_MS : undefined },
  )
  const curves = useMemo(
    () =>
      (data ?? [])
        .map((series, i) => ({ series, label: runs[i]!.name, colour: i }))
        .filter(({ series }) => series.values.length > 0),
    [data, runs],
  )
  if (error && !data) return <Problem>{`${metricKey}: ${error.message}`}</Problem>
  if (!data) return null
  return <CurveCard title={metricKey} curves={curves} settings={settings} heightPx={260} />
}
