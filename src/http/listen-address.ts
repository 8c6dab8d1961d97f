import { isIP } from 'node:net';

export interface ListenAddress {
  /** default 127.0.0.1 */
  readonly host?: string;
  /** default 8080; 0: any free one */
  readonly port?: number;
  /** Listen where others can connect. Must be said, because in open mode they may write. */
  readonly exposed?: boolean;
}

/** Refuses an address beyond this machine unless that was asked for. */
export function checkAddress({ host = '127.0.0.1', port = 8080, exposed = false }: ListenAddress): {
  readonly host: string;
  readonly port: number;
} {
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new RangeError(`${port} is no port: give a whole number from 0 to 65535`);
  if (!exposed && !isLoopback(host)) {
    throw new Error(
      `facetry does not listen on ${host} by itself: whoever can connect could write. Listen on 127.0.0.1, say who may do what (--auth), or that everybody may (\`exposed\`, --insecure-open).`,
    );
  }
  return { host, port };
}

export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  return isIP(host) === 4 ? host.startsWith('127.') : host === '::1';
}
