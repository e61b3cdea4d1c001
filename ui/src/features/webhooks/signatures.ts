// How senders prove who they are, and how to send by hand.
import type { WebhookSignature } from '@/api/types'

export const SIGNATURE_OPTIONS = [
  ['none', 'None: the address is the secret'],
  ['github', 'GitHub (X-Hub-Signature-256)'],
  ['standard-webhooks', 'Standard Webhooks'],
] as const satisfies readonly (readonly [WebhookSignature, string])[]

/** The signature in a word or two. */
export const SIGNATURE_WORDS: Record<WebhookSignature, string> = {
  none: 'Not signed',
  github: 'GitHub',
  'standard-webhooks': 'Standard Webhooks',
}

/** Shell commands that send a request; the secret stays in a variable of the shell. */
export function curlSnippet(address: string, signature: WebhookSignature, body: string): string {
  const quoted = body.replaceAll("'", `'\\''`)
  const send = `curl -i '${address}' \\\n  -H 'Content-Type: application/json'`
  if (signature === 'none') return `${send} \\\n  -d '${quoted}'`
  if (signature === 'github')
    return [
      `SECRET='...'  # as it was shown when it was made`,
      `BODY='${quoted}'`,
      `SIGNATURE=$(printf %s "$BODY" | openssl dgst -sha256 -hmac "$SECRET" | sed 's/.* //')`,
      `${send} \\\n  -H "X-Hub-Signature-256: sha256=$SIGNATURE" -d "$BODY"`,
    ].join('\n')
  return [
    `SECRET='whsec_...'  # as it was shown when it was made`,
    `BODY='${quoted}'`,
    `ID=msg_$(date +%s%N) TIME=$(date +%s)`,
    `KEY=$(printf %s "\${SECRET#whsec_}" | base64 -d | od -An -tx1 | tr -d ' \\n')`,
    `SIGNATURE=$(printf %s "$ID.$TIME.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | base64)`,
    `${send} \\\n  -H "webhook-id: $ID" -H "webhook-timestamp: $TIME" -H "webhook-signature: v1,$SIGNATURE" -d "$BODY"`,
  ].join('\n')
}
