/** Wrong tokens, counted by where they come from: guessing is slow, and costs us little. */
import type { IncomingMessage } from 'node:http';
import { ipKeyGenerator } from 'express-rate-limit';
import { Problem } from '../model/index.js';

export interface Failures {
  /** Problem `too-many-requests` for an address that has failed too often; nothing it sends is looked at. */
  check(request: IncomingMessage): void;
  /** `error` is why the request was refused; only wrong tokens count, not missing ones. */
  note(request: IncomingMessage, error: unknown): void;
}

/** Addresses remembered at most; a crowd that fills this is not stopped by counting addresses. */
const MOST = 10_000;

export function countFailures({ windowMs, failures }: { readonly windowMs: number; readonly failures: number }): Failures {
  const seen = new Map<string, { count: number; readonly until: number }>();

  return {
    check(request) {
      if (seen.size === 0) return;
      const known = seen.get(addressOf(request));
      const left = known === undefined ? 0 : known.until - performance.now();
      if (known === undefined || known.count < failures || left <= 0) return;
      throw new Problem('too-many-requests', {
        detail: `${failures} requests with a wrong token came from this address in ${windowMs / 1000} s`,
        hint: 'mend the token, then wait',
        retryAfter: left / 1000,
      });
    },
    note(request, error) {
      if (!(error instanceof Problem) || error.code !== 'unauthorized' || request.headers.authorization === undefined) return;
      const now = performance.now();
      const address = addressOf(request);
      const known = seen.get(address);
      if (known !== undefined && known.until > now) known.count++;
      else {
        seen.delete(address);
        if (seen.size >= MOST) forget(seen, now);
        seen.set(address, { count: 1, until: now + windowMs });
      }
    },
  };
}

/** What has lapsed; when nothing has, the oldest. */
function forget(seen: Map<string, { readonly until: number }>, now: number): void {
  for (const [address, { until }] of seen) if (until <= now) seen.delete(address);
  const oldest = seen.keys().next();
  if (seen.size >= MOST && !oldest.done) seen.delete(oldest.value);
}

/** Who is given one IPv6 address is given billions: what counts is the network. */
export function addressOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress === undefined ? 'none' : ipKeyGenerator(socket.remoteAddress);
}
