import type { Run } from '../../client/records.ts'
import { Field, inputClass } from '../../components/field.tsx'
import { sharedKeys } from './compare-view.ts'

/** Chooses a metric or parameter as an axis. */
export function AxisSelect({
  label,
  runs,
  value,
  onValue,
}: {
  readonly label: string
  readonly runs: readonly Run[]
  readonly value: string
  readonly onValue: (id: string) => void
}) {
  return (
    <Field label={label}>
      <select className={inputClass} value={value} onChange={(event) => onValue(event.target.value)}>
        <optgroup label="Metrics">
          {sharedKeys(runs, 'metrics').map((key) => (
            <option key={key} value={`metric:${key}`}>
              {key}
            </option>
          ))}
        </optgroup>
        <optgroup label="Parameters">
          {sharedKeys(runs, 'params').map((key) => (
            <option key={key} value={`param:${key}`}>
              {key}
            </option>
          ))}
        </optgroup>
      </select>
    </Field>
  )
}
