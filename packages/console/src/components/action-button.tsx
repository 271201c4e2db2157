import { useId } from 'react'
import type { Possible } from '../state/serving/actions.ts'
import { Button, type ButtonProps } from './button.tsx'

/** A button that says why it does nothing now; it keeps its place for the keyboard, so that the reason can be reached. */
export function ActionButton({ possible, onClick, ...button }: ButtonProps & { readonly possible: Possible }) {
  const id = useId()
  if (possible.can) return <Button title={possible.effect} onClick={onClick} {...button} />
  return (
    <>
      <Button aria-disabled aria-describedby={id} title={possible.reason} {...button} />
      <span id={id} className="visually-hidden">
        {possible.reason}
      </span>
    </>
  )
}
