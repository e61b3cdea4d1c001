// Before the first paint: the colours that were chosen the last time, so that a dark page never flashes white.
;(() => {
  let theme = null
  let palette = null
  try {
    theme = JSON.parse(localStorage.getItem('ostinato.theme'))
    palette = JSON.parse(localStorage.getItem('ostinato.palette'))
  } catch {
    // Storage is switched off: the system's colours are right.
  }
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  document.documentElement.dataset.palette = palette === 'blue' ? 'blue' : 'usual'
})()
