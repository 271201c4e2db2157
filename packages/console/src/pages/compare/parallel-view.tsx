import { replaceParams } from '../../app/location.ts'
import { ParallelCoordinates } from '../../charts/parallel-coordinates.tsx'
import { CheckBox } from '../../components/field.tsx'
import { Empty } from '../../components/notice.tsx'
import { Popover } from '../../components/popover.tsx'
import styles from './axes.module.css'
import { type CompareViewProps, sharedKeys } from './compare-view.ts'
import { differingParams } from './differing-params.ts'

const MOST_PARAMS = 5
const MOST_METRICS = 2

/** The parameters that differ, then metrics, as upright axes. */
export function ParallelView({ runs, params }: CompareViewProps) {
  const metrics = sharedKeys(runs, 'metrics').map((key) => `metric:${key}`)
  const all = [...sharedKeys(runs, 'params').map((key) => `param:${key}`), ...metrics]
  const chosen = params
    .get('axes')
    ?.split('\n')
    .filter((id) => all.includes(id))
  const axisIds = chosen ?? [...differingParams(runs).slice(0, MOST_PARAMS), ...metrics.slice(0, MOST_METRICS)]
  const toggle = (id: string, isShown: boolean): void => {
    const next = all.filter((one) => (one === id ? isShown : axisIds.includes(one)))
    replaceParams({ axes: next.join('\n') })
  }
  return (
    <>
      <div className={styles.axes}>
        <Popover label={`Axes (${axisIds.length})`} icon="columns">
          {() =>
            all.map((id) => (
              <CheckBox
                key={id}
                label={id.slice(id.indexOf(':') + 1)}
                isChecked={axisIds.includes(id)}
                onChange={(isShown) => toggle(id, isShown)}
              />
            ))
          }
        </Popover>
      </div>
      {axisIds.length < 2 ? (
        <Empty title="Choose two axes or more" />
      ) : (
        <ParallelCoordinates runs={runs} axisIds={axisIds} />
      )}
    </>
  )
}
