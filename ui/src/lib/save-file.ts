// Saving a file that the page holds.

/** Have the browser save a file where it saves downloads. */
export function saveFile({ name, content }: { name: string; content: Blob }): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser has taken the file by then, and keeps it as long as it needs it.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
