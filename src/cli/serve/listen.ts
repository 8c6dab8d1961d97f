import { isIP } from 'node:net';
import { UsageError } from '../exit-code.js';

/** `127.0.0.1:8080`, `[::1]:8080`, `localhost:0` */
export function splitAddress(text: string): { readonly host: string; readonly port: number } {
  const at = text.lastIndexOf(':');
  return { host: text.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(at + 1)) };
}

export function isBeyondLoopback(listen: string): boolean {
  const { host } = splitAddress(listen);
  return !(host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.')));
}

/** In open mode whoever can connect may write: beyond this machine that must be asked for by name. */
export function refuseExposure(listen: string, allowed: boolean): void {
  const { host } = splitAddress(listen);
  if (allowed || !isBeyondLoopback(listen)) return;
  throw new UsageError(
    `facetry does not listen on ${host} by itself: whoever can connect could write`,
    'say who may do what with --auth, or listen on 127.0.0.1, or say --insecure-open',
  );
}
