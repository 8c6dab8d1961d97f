/**
 * Directory time: how many ms this directory has been running, all its processes together. Leases are measured in it, so that
 * neither a jump of the wall clock nor the time a directory was down lets anything expire. A process goes on from what the
 * last one had noted: at most a few seconds less than it really was, never more.
 */
export interface DirectoryClock {
  /** ms of directory time */
  now(): number;
}

/** `base`: directory time when this process began; `monotonic`: ms that only go forward (`performance.now`). */
export function directoryClock(base: number, monotonic: () => number): DirectoryClock {
  const began = monotonic();
  return { now: () => base + (monotonic() - began) };
}
