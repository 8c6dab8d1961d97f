import { type Colors, createColors } from './output/colors.js';

/** Where a command runs: its streams and surroundings, handed in so that tests can bring their own. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** aborted by the first Ctrl-C */
  readonly interrupted: AbortSignal;
}

export type ColorMode = 'auto' | 'always' | 'never';

/** Colours for one stream: NO_COLOR, dumb terminals and pipes get none unless `always` is asked for. */
export function colorsFor(terminal: Terminal, stream: 'stdout' | 'stderr', mode: ColorMode = 'auto'): Colors {
  const { env } = terminal;
  const automatic = terminal[stream].isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  return createColors(mode === 'always' || (mode === 'auto' && automatic));
}

/** Writes and waits while the reader is slower than we are. */
export async function write(stream: NodeJS.WritableStream, text: string | Uint8Array): Promise<void> {
  if (stream.write(text)) return;
  await new Promise<void>((resolve) => stream.once('drain', () => resolve()));
}
