import { Presets, SingleBar } from 'cli-progress';
import type { Terminal } from '../terminal.js';

export interface Progress {
  update(done: number, total?: number): void;
  stop(): void;
}

const NONE: Progress = { update: () => {}, stop: () => {} };

/** A bar on standard error, with count, rate and time left; none when that is no terminal, or was not wanted. */
export function progressBar(terminal: Terminal, what: string, options: { readonly quiet: boolean; readonly unit?: string }): Progress {
  if (terminal.stderr.isTTY !== true || options.quiet) return NONE;
  const unit = options.unit === undefined ? '' : ` ${options.unit}`;
  const started = performance.now();
  const bar = new SingleBar(
    {
      format: `${what} {bar} {value}/{total}${unit} {rate}/s, {left} left`,
      stream: terminal.stderr as NodeJS.WriteStream,
      hideCursor: true,
      clearOnComplete: true,
      barsize: 30,
    },
    Presets.shades_classic,
  );
  let begun = false;
  return {
    update(done, total) {
      const seconds = (performance.now() - started) / 1000;
      const rate = seconds > 0 ? done / seconds : 0;
      const whole = total ?? bar.getTotal();
      const payload = { rate: Math.round(rate), left: rate > 0 && whole > done ? duration((whole - done) / rate) : '–' };
      if (!begun) bar.start(whole, done, payload);
      else {
        if (total !== undefined) bar.setTotal(total);
        bar.update(done, payload);
      }
      begun = true;
    },
    stop() {
      if (begun) bar.stop();
    },
  };
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
