// Whether a webhook listens; switched at once.
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { messageOf } from '@/api/errors'
import type { Webhook } from '@/api/types'
import { enableWebhook } from '@/api/webhooks'
import { Switch } from '@/design/switch'
import { notify } from '@/design/toast'

/** The switch. */
export function EnabledSwitch({ webhook }: { webhook: Webhook }) {
  const client = useQueryClient()
  const enable = useMutation({
    mutationFn: (enabled: boolean) => enableWebhook(webhook.id, enabled),
    onError: (error) => notify(messageOf(error), 'bad'),
    onSettled: () => client.invalidateQueries({ queryKey: ['webhooks'] }),
  })
  return (
    <Switch
      label={`${webhook.name} is enabled`}
      isOn={enable.isPending ? enable.variables : webhook.enabled}
      onChange={(isOn) => enable.mutate(isOn)}
    />
  )
}
