import type { QName, Row } from '../delegate.js';

/** One run, as data: what travels to a thread or a process. */
export interface RunRequest {
  readonly resource: { readonly id: string };
  readonly config: Readonly<Record<string, unknown>>;
  readonly facets: Readonly<Record<QName, string>>;
  readonly row?: Row;
}

export type ListRequest = Pick<RunRequest, 'config'>;

/** How a delegate of one kind is run. All reject with DelegateFailure, and only for what that one delegate did. */
export interface Runtime {
  /** One XML text per facet. */
  collect(request: RunRequest, timeoutMs: number): Promise<readonly string[]>;
  list(request: ListRequest, timeoutMs: number): Promise<readonly Row[]>;
  /** Ends what runs. */
  close(): Promise<void>;
}
