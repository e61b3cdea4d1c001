// Code and JSON to read and to copy.
import { Check, Copy } from 'lucide-react'
import { useState } from 'react'

import { IconButton } from './button'
import styles from './code-block.module.css'

const SHOWN_FOR = 1500

/** A block of code with a button that copies it. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <div className={styles.block}>
      <pre tabIndex={0} role="region" aria-label={label} className={styles.code}>
        <code>{code}</code>
      </pre>
      <CopyButton text={code} className={styles.copy} />
    </div>
  )
}

/** A value as JSON. */
export function JsonBlock({ value, label }: { value: unknown; label: string }) {
  return <CodeBlock code={JSON.stringify(value, null, 2)} label={label} />
}

/** A button that copies a text and says that it has. */
export function CopyButton({ text, className, label = 'Copy' }: { text: string; className?: string; label?: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), SHOWN_FOR)
  }
  return (
    <IconButton
      label={isCopied ? 'Copied' : label}
      icon={isCopied ? <Check size={15} aria-hidden /> : <Copy size={15} aria-hidden />}
      className={className}
      onClick={() => void copy()}
    />
  )
}
