// The dialog of a run, loaded when it is opened first: its forms know every kind of parameter.
import { type ComponentProps, lazy, Suspense } from 'react'

const Loaded = lazy(() => import('./run-dialog').then(({ RunDialog: content }) => ({ default: content })))

/** The dialog; nothing until it is there. */
export function RunDialog(props: ComponentProps<typeof Loaded>) {
  return (
    <Suspense>
      <Loaded {...props} />
    </Suspense>
  )
}
