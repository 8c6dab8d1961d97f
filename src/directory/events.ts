/** What a directory reports of itself; loggers, metrics and tests subscribe. */
export type DirectoryEvent =
  | { readonly kind: 'loading'; readonly done: number; readonly total: number }
  | { readonly kind: 'snapshot-refused'; readonly reason: string }
  | { readonly kind: 'snapshot-written'; readonly revision: number; readonly bytes: number; readonly ms: number }
  | { readonly kind: 'snapshot-failed'; readonly error: unknown }
  | { readonly kind: 'expired'; readonly id: string; readonly facets: readonly string[] }
  | { readonly kind: 'expiry-failed'; readonly id: string; readonly error: unknown }
  | { readonly kind: 'leases-unnoted'; readonly error: unknown }
  /** interfaces that are registered and whose schemas do not compile; `ns`: of this one */
  | { readonly kind: 'interfaces-unusable'; readonly ns?: string; readonly error: unknown }
  | { readonly kind: 'compacted'; readonly ms: number; readonly rows: number }
  | {
      readonly kind: 'ready';
      readonly resources: number;
      readonly revision: number;
      readonly ms: number;
      readonly from: 'snapshot' | 'store';
    };

/** Work that goes on beside requests until it is told to end. */
export interface Upkeep {
  close(): Promise<void>;
}
