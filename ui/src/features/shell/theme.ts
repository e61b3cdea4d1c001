// Light or dark: as the system has it, until somebody chooses. `public/theme.js` does the same before the first paint.
import { useEffect, useSyncExternalStore } from 'react'

import { useStored } from '@/lib/storage'

/** The colours of states: the usual ones, or without a green and a red. */
export type Palette = 'usual' | 'blue'
export type Theme = 'light' | 'dark' | 'system'

const DARK = '(prefers-color-scheme: dark)'

/** The chosen theme, whether the page is dark by it, and how to choose another. */
export function useTheme() {
  const [theme, choose] = useStored<Theme>('theme', 'system')
  const systemIsDark = useSyncExternalStore(subscribe, () => matchMedia(DARK).matches)
  const isDark = theme === 'dark' || (theme === 'system' && systemIsDark)
  useEffect(() => {
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
  }, [isDark])
  return { theme, isDark, choose }
}

/** The chosen colours of states, and how to choose others. */
export function usePalette(): [Palette, (palette: Palette) => void] {
  const [palette, choose] = useStored<Palette>('palette', 'usual')
  useEffect(() => {
    document.documentElement.dataset.palette = palette
  }, [palette])
  return [palette, choose]
}

function subscribe(listener: () => void): () => void {
  const query = matchMedia(DARK)
  query.addEventListener('change', listener)
  return () => query.removeEventListener('change', listener)
}
