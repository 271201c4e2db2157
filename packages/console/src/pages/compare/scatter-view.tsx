import { replaceParams } from '../../app/location.ts'
import { ScatterPlot } from '../../charts/scatter-plot.tsx'
import { Empty } from '../../components/notice.tsx'
import styles from './axes.module.css'
import { AxisSelect } from './axis-select.tsx'
import { type CompareViewProps, sharedKeys } from './compare-view.ts'
import { differingParams } from './differing-params.ts'

/** Any metric or parameter over any other. */
export function ScatterView({ runs, params }: CompareViewProps) {
  const metrics = sharedKeys(runs, 'metrics').map((key) => `metric:${key}`)
  const all = [...metrics, ...sharedKeys(runs, 'params').map((key) => `param:${key}`)]
  if (all.length === 0) return <Empty title="Nothing to draw">These runs have neither metrics nor parameters.</Empty>
  const xId = params.get('x') ?? differingParams(runs)[0] ?? all[0]!
  const yId = params.get('y') ?? metrics[0] ?? all[0]!
  return (
    <>
      <div className={styles.axes}>
        <AxisSelect label="Horizontal" runs={runs} value={xId} onValue={(x) => replaceParams({ x })} />
        <AxisSelect label="Vertical" runs={runs} value={yId} onValue={(y) => replaceParams({ y })} />
      </div>
      <ScatterPlot runs={runs} xId={xId} yId={yId} />
    </>
  )
}
