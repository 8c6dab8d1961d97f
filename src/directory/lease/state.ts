/** fresh → stale → expired. Stale is visible; what is expired is about to be removed. */
export type LeaseState = 'fresh' | 'stale' | 'expired';

export interface Lease {
  /** seconds */
  readonly ttl: number;
  /** directory time of the last write or renewal, ms */
  readonly renewed: number;
}

/** `now` in ms of directory time, `grace` in seconds. */
export function leaseState({ ttl, renewed }: Lease, now: number, grace: number): LeaseState {
  const age = (now - renewed) / 1000;
  if (age <= ttl) return 'fresh';
  return age <= ttl + grace ? 'stale' : 'expired';
}

/** Directory time at which the lease expires, ms. */
export function expiryOf({ ttl, renewed }: Lease, grace: number): number {
  return renewed + (ttl + grace) * 1000;
}
