/** Renewing leases: the sign of life of whoever keeps facets, without writing them. */
import type { RequestOptions } from './transport.js';
import { headersOf } from './writing.js';

/** A lease that was renewed. Facets are named `Q{namespace}local`; `ttl` in seconds. */
export interface RenewedLease {
  readonly facet: string;
  readonly ttl: number;
  readonly state: 'fresh' | 'stale' | 'expired';
}

/** What became of the leases of one resource: those that were renewed, or why none was (`code` as of problems). */
export type Renewal =
  | { readonly id: string; readonly leases: readonly RenewedLease[] }
  | { readonly id: string; readonly code: string; readonly detail?: string };

export interface LeasesOf {
  readonly id: string;
  /** default: all of one's own */
  readonly facets?: readonly string[];
}

export interface RenewOptions {
  /** the program whose facets they are */
  readonly manager?: string;
  readonly signal?: AbortSignal;
}

/** What one request renews, see `POST /leases`. */
const STRETCH = 10_000;

/** One result per resource, in order. */
export async function renewLeases(
  json: <T>(path: string, asked?: RequestOptions) => Promise<T>,
  resources: readonly LeasesOf[],
  { manager, signal }: RenewOptions = {},
): Promise<readonly Renewal[]> {
  const renewed: Renewal[] = [];
  for (let at = 0; at < resources.length; at += STRETCH) {
    const { results } = await json<{ readonly results: readonly Renewal[] }>('/leases', {
      method: 'POST',
      // Renewing twice is renewing.
      harmless: true,
      headers: { 'Content-Type': 'application/json', ...headersOf({ manager }) },
      body: JSON.stringify({ resources: resources.slice(at, at + STRETCH) }),
      signal,
    });
    renewed.push(...results);
  }
  return renewed;
}
