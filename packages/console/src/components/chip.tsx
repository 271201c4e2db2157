import type { ReactNode } from 'react'
import styles from './chip.module.css'

/** A short label: an alias, a stage, a tag. */
export function Chip({
  tone = 'plain',
  children,
}: {
  readonly tone?: 'plain' | 'accent' | 'good' | 'warn' | 'bad'
  readonly children: ReactNode
}) {
  return <span className={`${styles.chip} ${styles[tone]}`}>{children}</span>
}

export function Chips({ children }: { readonly children: ReactNode }) {
  return <span className={styles.chips}>{children}</span>
}
