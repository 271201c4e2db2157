import type { ButtonHTMLAttributes, ReactNode } from 'react'
import styles from './button.module.css'
import { Icon, type IconName } from './icon.tsx'

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly icon?: IconName
  /** `plain` has no border until it is pointed at; `primary` is the one thing to do; `danger` takes something away. */
  readonly look?: 'normal' | 'plain' | 'primary' | 'danger'
  readonly children?: ReactNode
}

export function Button({ icon, look = 'normal', className, children, ...rest }: ButtonProps) {
  return (
    <button type="button" className={[styles.button, styles[look], className].filter(Boolean).join(' ')} {...rest}>
      {icon && <Icon name={icon} size={15} />}
      {children}
    </button>
  )
}

/** A button of which only the drawing is seen; `label` is its name. */
export function IconButton({
  icon,
  label,
  ...rest
}: Omit<ButtonProps, 'children'> & { icon: IconName; label: string }) {
  return <Button icon={icon} look="plain" aria-label={label} title={label} {...rest} />
}
