/** Why a run of a delegate gave nothing; `message` is for people. */
export class DelegateFailure extends Error {
  constructor(
    readonly status: 'failed' | 'timeout',
    message: string,
  ) {
    super(message);
  }
}

export function timedOut(ms: number): DelegateFailure {
  return new DelegateFailure('timeout', `it did not end within ${ms / 1000} s`);
}
