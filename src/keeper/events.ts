import type { Refusal } from './compose/index.js';
import type { RefusedDelegate } from './found-delegate.js';
import type { Written } from './publish/index.js';
import type { LastRun } from './state.js';

/** What a keeper reports while it runs. Times in ms. */
export type KeeperEvent =
  | { readonly kind: 'composed'; readonly delegates: readonly string[]; readonly resources: number }
  | { readonly kind: 'delegate-refused'; readonly delegate: RefusedDelegate }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | ({ readonly kind: 'ran'; readonly resource: string; readonly delegate: string; readonly changed: boolean } & LastRun)
  | { readonly kind: 'listed'; readonly resource: string; readonly delegate: string; readonly rows?: number; readonly error?: string }
  | { readonly kind: 'diagnostics'; readonly delegate: string; readonly text: string }
  | { readonly kind: 'published'; readonly resource: string; readonly written: readonly Written[] }
  | { readonly kind: 'withdrawn'; readonly resource: string }
  | { readonly kind: 'publish-refused'; readonly resource: string; readonly why: string; readonly retryMs: number }
  | { readonly kind: 'renewed'; readonly resources: number; readonly facets: number; readonly lost: number }
  | { readonly kind: 'away'; readonly why: string; readonly retryMs: number }
  | { readonly kind: 'back' }
  | { readonly kind: 'clock-jumped'; readonly ms: number }
  | { readonly kind: 'spool-failed'; readonly why: string };

export type OnKeeperEvent = (event: KeeperEvent) => void;
