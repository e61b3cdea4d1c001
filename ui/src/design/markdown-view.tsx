// Markdown as elements: HTML in it stays text, and addresses that would run something lead nowhere.
import Markdown, { defaultUrlTransform } from 'react-markdown'
import remarkGfm from 'remark-gfm'

import styles from './markdown.module.css'

const PLUGINS = [remarkGfm]
const PICTURE = /^data:image\/(png|jpeg|gif|webp|avif);/i

/** The text as it is meant. */
export default function MarkdownView({ text }: { text: string }) {
  return (
    <div className={styles.markdown}>
      <Markdown
        remarkPlugins={PLUGINS}
        urlTransform={(url, key) => (key === 'src' && PICTURE.test(url) ? url : defaultUrlTransform(url))}
        components={{
          // The page has its own title: the text's begin below it.
          h1: ({ children }) => <h2>{children}</h2>,
          h2: ({ children }) => <h3>{children}</h3>,
          h3: ({ children }) => <h4>{children}</h4>,
          h4: ({ children }) => <h5>{children}</h5>,
          a: ({ href, children }) =>
            href ? (
              <a href={href} target="_blank" rel="noreferrer noopener">
                {children}
              </a>
            ) : (
              <span>{children}</span>
            ),
          input: ({ checked, type }) => (
            <input type={type} checked={checked} disabled aria-label={checked ? 'Done' : 'Not done'} />
          ),
          pre: ({ children }) => (
            <pre tabIndex={0} role="region" aria-label="Code">
              {children}
            </pre>
          ),
          table: ({ children }) => (
            <div className={styles.wide} tabIndex={0} role="region" aria-label="Table">
              <table className={styles.data}>{children}</table>
            </div>
          ),
        }}
      >
        {text}
      </Markdown>
    </div>
  )
}
