import type { ReactNode } from 'react'
import styles from './plain-table.module.css'

export interface TableColumn<T> {
  readonly label: string
  readonly cell: (row: T) => ReactNode
  readonly isNumeric?: boolean
  /** Takes what the other columns leave. */
  readonly isWide?: boolean
}

/** A table of some hundred rows at most; the first column names the row. */
export function PlainTable<T>({
  caption,
  columns,
  rows,
  keyOf,
}: {
  readonly caption: string
  readonly columns: readonly TableColumn<T>[]
  readonly rows: readonly T[]
  readonly keyOf: (row: T) => string
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className={styles.scroll} tabIndex={0} aria-label={caption}>
      <table className={styles.table}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ label, isNumeric, isWide }) => (
              <th key={label} scope="col" className={classOf(isNumeric, isWide)}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ label, cell, isNumeric, isWide }, i) =>
                i === 0 ? (
                  <th key={label} scope="row" className={classOf(isNumeric, isWide)}>
                    {cell(row)}
                  </th>
                ) : (
                  <td key={label} className={classOf(isNumeric, isWide)}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const classOf = (isNumeric?: boolean, isWide?: boolean): string | undefined =>
  isNumeric ? styles.numeric : isWide ? styles.wide : undefined
