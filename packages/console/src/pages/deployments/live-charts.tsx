import { useMemo } from 'react'
import { replaceParams } from '../../app/location.ts'
import { LiveChart } from '../../charts/live-chart.tsx'
import type { HistorySpan } from '../../client/serving-client.ts'
import {
  type DeploymentRecord,
  type OperationsHistory,
  type OperationsReport,
  type PercentileName,
  STAGES,
  type Stage,
} from '../../client/serving-wire.ts'
import { Segmented } from '../../components/field.tsx'
import { Empty } from '../../components/notice.tsx'
import { formatLatency, formatNumber, formatPercent, formatRate } from '../../format/format.ts'
import {
  curvesOf,
  hasValues,
  type LiveColumns,
  type LiveCurve,
  type LiveSource,
  percentileCurves,
  variantSources,
} from '../../state/serving/live-sources.ts'
import styles from './deployments.module.css'

const SPANS: readonly { readonly value: HistorySpan; readonly label: string }[] = [
  { value: '10m', label: '10 min' },
  { value: '1h', label: '1 hour' },
]

/** The span that an address names; ten minutes without. */
export const asSpan = (text: string | null): HistorySpan => (text === '1h' ? '1h' : '10m')

const PERCENTILES = (['p50', 'p95', 'p99'] as const).map((value) => ({ value, label: value }))

const asPercentile = (text: string | null): PercentileName =>
  PERCENTILES.find(({ value }) => value === text)?.value ?? 'p95'

interface Chart {
  readonly title: string
  readonly format: (value: number | null | undefined) => string
  readonly curves: readonly LiveCurve[]
}

const plain = (value: number | null | undefined): string =>
  value == null || !Number.isFinite(value) ? '–' : formatNumber(Number(value.toPrecision(3)))

const STAGE_TITLES: Readonly<Record<Stage, string>> = {
  decode: 'Reading the request',
  queue: 'Waiting in the queue',
  batch: 'Putting batches together',
  compute: 'Computing',
  log: 'Prediction log',
  encode: 'Writing the answer',
}

function chartsOf(sources: readonly LiveSource[], percentile: PercentileName): Chart[] {
  const suffix = sources.length > 1 ? `, ${percentile}` : ''
  const counted = (title: string, format: Chart['format'], column: LiveColumns): Chart => ({
    ...{ title, format },
    curves: curvesOf(sources, column),
  })
  const stages = STAGES.map((stage): Chart => {
    const curves = percentileCurves(sources, percentile, (series) => series.stagesMs[stage])
    return { title: `${STAGE_TITLES[stage]}${suffix}`, format: formatLatency, curves }
  })
  const whole = percentileCurves(sources, percentile, (series) => series.latencyMs)
  return [
    counted('Requests/s', formatRate, (series) => series.requestsPerSecond),
    counted('Failed/s', formatRate, (series) => series.failedPerSecond),
    counted('Refused/s', formatRate, (series) => series.refusedPerSecond),
    { title: `Whole request${suffix}`, format: formatLatency, curves: whole },
    ...stages,
    counted('Rows waiting', plain, (series) => series.waitingRows),
    counted('Rows of a run', plain, (series) => series.rowsPerRun),
    counted('Rows/s', formatRate, (series) => series.rowsPerSecond),
    counted('Cache hits', formatPercent, (series) => series.cacheHitRate),
  ]
}

/** Always drawn, though they be empty: that nothing failed is worth seeing. */
const FIRST = 2

/** Every curve of some sources; percentiles of one, or one percentile of several side by side. */
export function LiveCharts({
  history,
  sources,
  params,
}: {
  readonly history: OperationsHistory
  readonly sources: readonly LiveSource[]
  readonly params: URLSearchParams
}) {
  const percentile = asPercentile(params.get('percentile'))
  const charts = useMemo(() => chartsOf(sources, percentile), [sources, percentile])
  const shown = charts.filter(({ curves }, i) => i < FIRST || hasValues(curves))
  return (
    <>
      <div className={styles.tools}>
        <Segmented
          label="Span"
          choices={SPANS}
          value={asSpan(params.get('span'))}
          onValue={(span) => replaceParams({ span })}
        />
        {sources.length > 1 && (
          <Segmented
            label="Percentile"
            choices={PERCENTILES}
            value={percentile}
            onValue={(value) => replaceParams({ percentile: value })}
          />
        )}
        <span className={styles.quiet}>A point stands for {history.stepSeconds} seconds.</span>
      </div>
      {sources.length === 0 ? (
        <Empty title="Nothing was answered yet">Curves begin with the first request.</Empty>
      ) : (
        <div className={styles.charts}>
          {shown.map(({ title, curves, format }) => (
            <LiveChart key={title} title={title} timesMs={history.timesMs} curves={curves} format={format} />
          ))}
        </div>
      )}
    </>
  )
}

/** The three curves that say whether all is well. */
export function GlanceCharts({
  record,
  operations,
}: {
  readonly record: DeploymentRecord
  readonly operations: OperationsReport | undefined
}) {
  const sources = useMemo(() => variantSources(record, operations), [record, operations])
  const history = operations?.history
  if (!history || sources.length === 0)
    return <p className={styles.none}>Nothing was asked lately: curves begin with the next request.</p>
  const charts = chartsOf(sources, 'p95')
  const computing = charts.find(({ title }) => title.startsWith(STAGE_TITLES.compute))!
  return (
    <div className={styles.glance}>
      {[charts[0]!, charts[1]!, computing].map(({ title, curves, format }) => (
        <LiveChart key={title} title={title} timesMs={history.timesMs} curves={curves} format={format} heightPx={110} />
      ))}
    </div>
  )
}
