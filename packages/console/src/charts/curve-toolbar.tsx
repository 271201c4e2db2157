import { Button } from '../components/button.tsx'
import { Segmented } from '../components/field.tsx'
import { type CurveSettings, changeCurves } from './curve-settings.ts'
import styles from './curve-toolbar.module.css'

/** Axis, logarithm and smoothing of all curves on the page. */
export function CurveToolbar({ settings }: { readonly settings: CurveSettings }) {
  const change = (changes: Partial<CurveSettings>): void => changeCurves({ ...settings, ...changes })
  return (
    <div className={styles.toolbar}>
      <Segmented
        label="Horizontal axis"
        choices={[
          { value: 'step', label: 'Step' },
          { value: 'relative', label: 'Relative' },
          { value: 'time', label: 'Time' },
        ]}
        value={settings.axis}
        onValue={(axis) => change({ axis })}
      />
      <Button aria-pressed={settings.isLog} onClick={() => change({ isLog: !settings.isLog })}>
        Log
      </Button>
      <label className={styles.smoothing}>
        <span>Smoothing</span>
        <input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={settings.smoothing}
          onChange={(event) => change({ smoothing: Number(event.target.value) })}
        />
        <output>{settings.smoothing.toFixed(2)}</output>
      </label>
    </div>
  )
}
