// What the shell lends to nouns.
export { type Palette, type Theme, usePalette, useTheme } from './theme'
