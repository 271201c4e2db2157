import { useMemo, useState } from 'react'
import { useClient } from '../../app/use-client.ts'
import { useQuery } from '../../app/use-query.ts'
import { CurveCard } from '../../charts/curve-card.tsx'
import { type CurveSettings, curveSettings } from '../../charts/curve-settings.ts'
import { CurveToolbar } from '../../charts/curve-toolbar.tsx'
import type { Run } from '../../client/records.ts'
import { Facts, Section } from '../../components/facts.tsx'
import { CheckBox, SearchField } from '../../components/field.tsx'
import { Empty, Problem } from '../../components/notice.tsx'
import { WhenSeen } from '../../components/when-seen.tsx'
import { formatNumber } from '../../format/format.ts'
import { groupBy } from '../../state/group-by.ts'
import styles from './metrics-tab.module.css'

const REFRESH_MS = 3000
const MOST_POINTS = 2000

/** Every metric as a curve, under the first part of its name; those logged once as numbers. */
export function MetricsTab({ run, params }: { readonly run: Run; readonly params: URLSearchParams }) {
  const settings = curveSettings(params)
  const [words, setWords] = useState('')
  const [areSinglesDrawn, setSinglesDrawn] = useState(false)
  const all = Object.keys(run.metrics)
  const keys = all.filter((key) => key.toLowerCase().includes(words.trim().toLowerCase())).sort(systemLast)
  const singles = keys.filter((key) => run.metrics[key]!.step === 0)
  const curves = areSinglesDrawn ? keys : keys.filter((key) => run.metrics[key]!.step !== 0)
  if (all.length === 0)
    return (
      <Empty title="No metrics yet">{run.status === 'running' ? 'They appear as the run logs them.' : undefined}</Empty>
    )
  return (
    <>
      <div className={styles.tools}>
        <SearchField label="Search metrics" value={words} onValue={setWords} />
        {curves.length > 0 && <CurveToolbar settings={settings} />}
      </div>
      {keys.length === 0 && <Empty title={`No metric is called “${words}”`} />}
      {curveGroups(curves).map(([prefix, group]) => (
        <Section key={prefix} title={prefix === '' ? 'Curves' : prefix}>
          <div className={styles.cards}>
            {group.map((key) => (
              <WhenSeen key={key} heightPx={240}>
                <MetricCurve run={run} metricKey={key} settings={settings} />
              </WhenSeen>
            ))}
          </div>
        </Section>
      ))}
      {singles.length > 0 && (
        <Section
          title="Logged without steps"
          aside={<CheckBox label="Draw them too" isChecked={areSinglesDrawn} onChange={setSinglesDrawn} />}
        >
          <div className={styles.singles}>
            <Facts facts={singles.map((key) => ({ label: key, value: formatNumber(run.metrics[key]!.value) }))} />
          </div>
        </Section>
      )}
    </>
  )
}

function MetricCurve({
  run,
  metricKey,
  settings,
}: {
  readonly run: Run
  readonly metricKey: string
  readonly settings: CurveSettings
}) {
  const client = useClient()
  const { data, error } = useQuery(
    `series ${run.id} ${metricKey}`,
    (signal) => client.metricSeries([run.id], metricKey, MOST_POINTS, signal),
    { refreshMs: run.status === 'running' ? REFRESH_MS : undefined },
  )
  const curves = useMemo(
    () => (data ?? []).map((series) => ({ series, label: metricKey, colour: 0 })),
    [data, metricKey],
  )
  if (error && !data) return <Problem>{`${metricKey}: ${error.message}`}</Problem>
  if (!data) return null
  return <CurveCard title={metricKey} curves={curves} settings={settings} />
}

const FEWEST = 3

/** Groups of one or two curves would leave most of the page empty: they stand together, without a name of their own. */
function curveGroups(keys: readonly string[]): [prefix: string, keys: readonly string[]][] {
  const groups = groupBy(keys, prefixOf)
  const regrouped = groupBy(keys, (key) => (groups.get(prefixOf(key))!.length < FEWEST ? '' : prefixOf(key)))
  return [...regrouped]
}

/** `train/loss` belongs to `train`, `test.f1` to `test`. */
const prefixOf = (key: string): string => /^([^/.]+)[/.]/.exec(key)?.[1] ?? ''

const systemLast = (a: string, b: string): number =>
  Number(a.startsWith('system/')) - Number(b.startsWith('system/')) || a.localeCompare(b)
