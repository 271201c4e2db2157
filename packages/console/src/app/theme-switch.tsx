import { IconButton } from '../components/button.tsx'
import type { IconName } from '../components/icon.tsx'
import { chooseTheme, type Theme, useTheme } from './theme.ts'

const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' }
const LOOKS: Readonly<Record<Theme, { icon: IconName; word: string }>> = {
  system: { icon: 'system', word: 'as the system' },
  light: { icon: 'sun', word: 'light' },
  dark: { icon: 'moon', word: 'dark' },
}

/** Walks through the three choices of colours. */
export function ThemeSwitch() {
  const theme = useTheme()
  const { icon, word } = LOOKS[theme]
  return (
    <IconButton
      icon={icon}
      label={`Colours: ${word}. Change to ${LOOKS[NEXT[theme]].word}`}
      onClick={() => chooseTheme(NEXT[theme])}
    />
  )
}
