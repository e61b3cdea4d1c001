// An editor of code and JSON. CodeMirror is a part of its own that is loaded when the first one is shown; until then, and
// where it cannot be loaded, a plain text area does.
import { type ComponentType, useEffect, useRef, useState } from 'react'

import { type Caret, type EditorProps, PlainEditor } from './plain-editor'

let loaded: ComponentType<EditorProps> | null = null

async function load(): Promise<ComponentType<EditorProps>> {
  try {
    loaded = (await import('./code-mirror')).default
    return loaded
  } catch {
    // The network is gone, or a new build has other files: the next editor tries again.
    return PlainEditor
  }
}

/** The editor. Within a `Field`, pass on what it gives; Tab leaves the editor. */
export function CodeEditor(props: Omit<EditorProps, 'caret'>) {
  // A component is a function, which React would call to get the state.
  const [Editor, setEditor] = useState(() => loaded ?? PlainEditor)
  const caret = useRef<Caret>(null)
  useEffect(() => {
    if (loaded !== null) return
    let isHere = true
    void load().then((editor) => isHere && setEditor(() => editor))
    return () => {
      isHere = false
    }
  }, [])
  return <Editor {...props} caret={caret} />
}
