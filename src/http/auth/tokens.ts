import { Problem } from '../../model/index.js';
import type { OnEvent } from '../events.js';
import type { Access } from './access.js';
import { bearerOf } from './bearer.js';
import { reloading } from './reloading.js';
import { digestOf, readTokens } from './tokens-file.js';

/**
 * Mode `tokens`: whoever brings a token whose hash is in the file is who the file says.
 *
 * The comparison is a look-up by hash: how long it takes depends on the hash of what was sent, which tells nothing about the
 * tokens that exist.
 *
 * @throws PolicyFileError
 */
export function tokenAccess(file: string, onEvent: OnEvent, now: () => number): Access {
  const tokens = reloading(
    file,
    (text) => readTokens(file, text),
    (set) => set.size,
    onEvent,
  );
  return {
    mode: 'tokens',
    authenticate(request) {
      const known = tokens.current.get(digestOf(bearerOf(request)));
      if (known === undefined) throw new Problem('unauthorized', { detail: 'the token is not known', hint: 'was it copied whole?' });
      if (known.expires !== undefined && known.expires <= now()) {
        throw new Problem('unauthorized', { detail: 'the token has expired', hint: 'ask whoever runs the directory for a new one' });
      }
      return known.caller;
    },
    checks: () => [
      tokens.failure === undefined
        ? { name: 'access', ok: true, detail: `${tokens.current.size} tokens` }
        : { name: 'access', ok: false, detail: `the older file holds: ${tokens.failure}` },
    ],
    reload: tokens.reload,
    close: tokens.close,
  };
}
