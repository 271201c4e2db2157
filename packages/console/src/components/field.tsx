import type { InputHTMLAttributes, ReactNode } from 'react'
import styles from './field.module.css'
import { Icon } from './icon.tsx'

/** A box to search in; its label is for screen readers. */
export function SearchField({
  label,
  value,
  onValue,
  ...rest
}: { readonly label: string; readonly value: string; readonly onValue: (value: string) => void } & Omit<
  InputHTMLAttributes<HTMLInputElement>,
  'value' | 'onChange'
>) {
  return (
    <label className={styles.search}>
      <span className="visually-hidden">{label}</span>
      <Icon name="search" size={14} />
      <input
        type="search"
        className={styles.input}
        placeholder={label}
        value={value}
        onChange={(event) => onValue(event.target.value)}
        {...rest}
      />
    </label>
  )
}

/** A named box: its name stands above. */
export function Field({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the box is among the children
    <label className={styles.field}>
      <span>{label}</span>
      {children}
    </label>
  )
}

export interface Choice<T extends string> {
  readonly value: T
  readonly label: string
}

/** A few choices side by side, of which one holds. */
export function Segmented<T extends string>({
  label,
  choices,
  value,
  onValue,
}: {
  readonly label: string
  readonly choices: readonly Choice<T>[]
  readonly value: T
  readonly onValue: (value: T) => void
}) {
  return (
    <fieldset className={styles.segmented}>
      <legend className="visually-hidden">{label}</legend>
      {choices.map((choice) => (
        <label key={choice.value}>
          <input
            type="radio"
            name={label}
            className="visually-hidden"
            checked={choice.value === value}
            onChange={() => onValue(choice.value)}
          />
          <span className={styles.option}>{choice.label}</span>
        </label>
      ))}
    </fieldset>
  )
}

export function CheckBox({
  label,
  isChecked,
  onChange,
}: {
  readonly label: ReactNode
  readonly isChecked: boolean
  readonly onChange: (isChecked: boolean) => void
}) {
  return (
    <label className={styles.check}>
      <input type="checkbox" checked={isChecked} onChange={(event) => onChange(event.target.checked)} />
      <span>{label}</span>
    </label>
  )
}

export const inputClass = styles.input!
