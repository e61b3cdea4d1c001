// Where the API is: beside the page, below whatever path that is served, unless the page says otherwise.

const META = 'meta[name="ostinato-api"]'

/** The address of the API, without a last slash. */
export function apiAddress(): string {
  const said = document.querySelector<HTMLMetaElement>(META)?.content ?? 'api'
  return new URL(said, document.baseURI).href.replace(/\/$/, '')
}

/** The address of one of the API's sockets. */
export function socketAddress(path: string): string {
  return apiAddress().replace(/^http/, 'ws') + path
}
