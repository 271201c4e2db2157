import { useMemo } from 'react'
import { replaceParams } from '../../app/location.ts'
import { Field, inputClass } from '../../components/field.tsx'
import { Empty } from '../../components/notice.tsx'
import { variantSources } from '../../state/serving/live-sources.ts'
import styles from './deployments.module.css'
import { LiveCharts } from './live-charts.tsx'
import type { DeploymentNow } from './load-deployment.ts'

/** The curves of a deployment: of all its variants over one another, or of one with all percentiles. */
export function DeploymentLive({ state, params }: { readonly state: DeploymentNow; readonly params: URLSearchParams }) {
  const { report, operations } = state
  const all = useMemo(() => variantSources(report.record, operations), [report.record, operations])
  const chosen = params.get('variant')
  const sources = useMemo(() => {
    const found = all.filter(({ label }) => label === chosen)
    return found.length > 0 ? found : all
  }, [all, chosen])
  if (!operations?.history) return <Empty title="This server keeps no history" />
  return (
    <>
      {all.length > 1 && (
        <div className={styles.choice}>
          <Field label="Variant">
            <select
              className={inputClass}
              value={sources.length === 1 ? sources[0]!.label : ''}
              onChange={(event) => replaceParams({ variant: event.target.value || undefined })}
            >
              <option value="">all, side by side</option>
              {all.map(({ label }) => (
                <option key={label}>{label}</option>
              ))}
            </select>
          </Field>
        </div>
      )}
      <LiveCharts history={operations.history} sources={sources} params={params} />
    </>
  )
}
