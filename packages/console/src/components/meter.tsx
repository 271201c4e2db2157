import styles from './meter.module.css'

/** A share from 0 to 1 as a bar, with its name and figure. */
export function Meter({
  label,
  isLabelHidden = false,
  value,
  tone,
  text,
}: {
  readonly label: string
  readonly isLabelHidden?: boolean
  readonly value: number
  readonly tone: 'accent' | 'good' | 'warn' | 'bad'
  readonly text: string
}) {
  const share = Math.min(1, Math.max(0, value))
  return (
    <div className={styles.meter}>
      {!isLabelHidden && <span>{label}</span>}
      {/* biome-ignore lint/a11y/useSemanticElements: browsers draw <meter> each in a way of their own */}
      <div
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={1}
        aria-valuenow={share}
        aria-valuetext={text}
        className={styles.track}
      >
        <span className={styles[tone]} style={{ width: `${share * 100}%` }} />
      </div>
      <span className={styles.text}>{text}</span>
    </div>
  )
}
