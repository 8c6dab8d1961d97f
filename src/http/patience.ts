/**
 * How long we wait for the other side of a connection: `base` ms in all, and one second more for every `rate` bytes it has
 * moved. A steady slow line gets through; one byte a second does not. Only time spent waiting counts, not our own work.
 */
export interface Patience {
  /** we begin to wait */
  begin(): void;
  /** `bytes` moved; we no longer wait */
  end(bytes: number): void;
  /** forget it all */
  stop(): void;
}

export function patience(base: number, rate: number, onOver: () => void): Patience {
  let spent = 0;
  let moved = 0;
  let since = -1;
  let timer: NodeJS.Timeout | undefined;

  const left = () => base + (moved / rate) * 1000 - spent;
  const check = () => {
    timer = undefined;
    if (since < 0) return;
    const rest = left() - (performance.now() - since);
    if (rest <= 0) onOver();
    else timer = setTimeout(check, rest);
  };
  return {
    begin() {
      since = performance.now();
      // A timer that is still running from an earlier wait checks again when it fires: one timer serves many chunks.
      timer ??= setTimeout(check, Math.max(0, left()));
    },
    end(bytes) {
      moved += bytes;
      if (since >= 0) spent += performance.now() - since;
      since = -1;
    },
    stop() {
      since = -1;
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
