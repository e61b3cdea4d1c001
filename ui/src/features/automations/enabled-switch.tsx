// Whether an automation acts; switched at once.
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { enableAutomation } from '@/api/automations'
import { messageOf } from '@/api/errors'
import type { Automation } from '@/api/types'
import { Switch } from '@/design/switch'
import { notify } from '@/design/toast'

/** The switch. */
export function EnabledSwitch({ automation }: { automation: Automation }) {
  const client = useQueryClient()
  const enable = useMutation({
    mutationFn: (enabled: boolean) => enableAutomation(automation.id, enabled),
    onError: (error) => notify(messageOf(error), 'bad'),
    onSettled: () => client.invalidateQueries({ queryKey: ['automations'] }),
  })
  return (
    <Switch
      label={`${automation.name} is enabled`}
      isOn={enable.isPending ? enable.variables : automation.enabled}
      onChange={(isOn) => enable.mutate(isOn)}
    />
  )
}
