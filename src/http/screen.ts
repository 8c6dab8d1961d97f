import type { IncomingMessage } from 'node:http';
import { Problem } from '../model/index.js';
import type { HttpSettings } from './options.js';

/** Headers that decide something. Given twice, two readers may believe two different ones (RFC 9110 §5.3), so that is refused. */
const SINGLE = new Set([
  'host',
  'content-type',
  'content-encoding',
  'content-length',
  'authorization',
  'expect',
  'facetry-scope',
  'facetry-manager',
  'if-modified-since',
  'if-unmodified-since',
  'x-request-id',
]);

/**
 * Requests that no handler should see. Node's parser is strict already (lengths, line ends, folded headers, chunks); this is
 * what it lets through.
 */
export function screen(request: IncomingMessage, settings: HttpSettings): void {
  const { url = '', headers, rawHeaders } = request;
  if (request.httpVersion === '0.9') throw new Problem('bad-request', { detail: 'HTTP/0.9 is not spoken here' });
  if (url.length > settings.limits.urlBytes) {
    throw new Problem('url-too-long', {
      detail: `the address is longer than ${settings.limits.urlBytes} bytes`,
      hint: 'long questions go into the body of POST /discover',
    });
  }
  if (!url.startsWith('/'))
    throw new Problem('bad-request', { detail: 'the request target must be a path', hint: 'this is no proxy: leave out scheme and host' });
  if (rawHeaders.length > 2 * settings.limits.headerCount) {
    throw new Problem('headers-too-large', { detail: `the request has more than ${settings.limits.headerCount} headers` });
  }
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || request.httpVersion === '1.0')) {
    throw new Problem('bad-request', {
      detail: 'the only transfer coding is chunked, in HTTP/1.1',
      hint: 'compress with Content-Encoding instead',
    });
  }
  const seen = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] as string).toLowerCase();
    if (!SINGLE.has(name)) continue;
    if (seen.has(name)) throw new Problem('bad-request', { detail: `the header ${name} is given more than once` });
    seen.add(name);
  }
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
    throw new Problem('bad-request', { detail: 'the only expectation that can be met is 100-continue' });
  }
  if (settings.hosts !== undefined && !settings.hosts.includes(hostName(headers.host ?? ''))) {
    throw new Problem('misdirected', {
      detail: 'this server does not answer under that Host',
      hint: `address it as ${settings.hosts.join(' or ')}`,
    });
  }
}

/** `[::1]:8080` → `::1`, `localhost:8080` → `localhost` */
function hostName(host: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host);
  return (match?.[1] ?? match?.[2] ?? host).toLowerCase();
}
