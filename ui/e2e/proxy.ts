// A proxy in front of the server of the journeys: another address than the server's own, and another name for it.
import { createServer, type IncomingMessage, request } from 'node:http'
import { type AddressInfo } from 'node:net'

import { URL_OF_UI } from './browser'

interface Proxy {
  port: number
  close: () => void
}

/** Listen at an address of this machine; `host` is the name by which the server is then asked, else the one asked for. */
export async function startProxy(address: string, host?: string): Promise<Proxy> {
  const target = new URL(URL_OF_UI)
  const pass = ({ method, url, headers }: IncomingMessage) =>
    request({
      hostname: target.hostname,
      port: target.port,
      path: target.pathname.replace(/\/$/, '') + url,
      method,
      headers: { ...headers, ...(host !== undefined && { host }) },
    })
  const proxy = createServer((asked, answered) => {
    const passed = pass(asked)
    passed.on('response', (answer) => {
      answered.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(answered)
    })
    passed.on('error', () => answered.destroy())
    asked.pipe(passed)
  })
  proxy.on('upgrade', (asked, client) => {
    const passed = pass(asked)
    passed.on('upgrade', (answer, server) => {
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}`)
      client.write(['HTTP/1.1 101 Switching Protocols', ...lines, '', ''].join('\r\n'))
      server.pipe(client).pipe(server)
      for (const one of [server, client]) one.on('error', () => [server, client].forEach((end) => end.destroy()))
    })
    passed.on('error', () => client.destroy())
    passed.end()
  })
  await new Promise<void>((resolve, reject) => proxy.once('error', reject).listen(0, address, resolve))
  const close = () => {
    proxy.close()
    proxy.closeAllConnections()
  }
  return { port: (proxy.address() as AddressInfo).port, close } // of a port, not of a pipe
}
