import type { Authenticate } from '../authenticate.js';
import type { Check } from '../check.js';
import type { OnEvent } from '../events.js';
import { oidcAccess } from './oidc.js';
import { tokenAccess } from './tokens.js';

/** One way of knowing who asks, with the file behind it. */
export interface Access {
  readonly mode: 'tokens' | 'oidc';
  readonly authenticate: Authenticate;
  /** how it does, for `/readyz?verbose` */
  checks(): readonly Check[];
  /** Reads its file again. Never throws; what cannot be used is reported. */
  reload(): void;
  close(): void;
}

export interface AccessOptions {
  readonly onEvent?: OnEvent;
  /** ms since the epoch */
  readonly now?: () => number;
  readonly fetch?: typeof fetch;
}

/** @throws PolicyFileError when the file cannot be used */
export function openAccess(mode: Access['mode'], file: string, options: AccessOptions = {}): Access {
  const { onEvent = () => {}, now = Date.now, fetch: send = fetch } = options;
  return mode === 'tokens' ? tokenAccess(file, onEvent, now) : oidcAccess(file, onEvent, now, send);
}
