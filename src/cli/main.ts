/**
 * cli/: which parts run today? The composition root, and a file for each command. Commands about data use the client, as
 * any stranger would; `serve` wires the rooms; `check`, `backup` and `restore` open a store by themselves.
 */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { commandsFor } from './commands/index.js';
import { complete } from './completion/complete.js';
import { EXIT, exitCodeOf } from './exit-code.js';
import { report } from './output/report.js';
import { createProgram } from './program.js';
import { colorsFor, type Terminal } from './terminal.js';

/** Runs one command line; resolves to the exit code. Writes to the terminal only. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const completing = args[0] === '__complete';
    const program = createProgram(terminal, await commandsFor(completing ? [] : args));
    // Not a command of the tree: the words behind it are half a command line, to be looked at, not understood.
    if (completing) {
      terminal.stdout.write(await complete(program, args.slice(1), terminal));
      return EXIT.ok;
    }
    await program.parseAsync([...args], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (terminal.interrupted.aborted) return EXIT.interrupted;
    terminal.stderr.write(report(error, colorsFor(terminal, 'stderr', colorMode(args))));
    return exitCodeOf(error);
  }
}

/** Colours of an error must be known before the command line is understood. */
function colorMode(args: readonly string[]): 'auto' | 'always' | 'never' {
  if (args.includes('--no-color')) return 'never';
  const given = args.find((arg) => arg.startsWith('--color='))?.slice('--color='.length) ?? args[args.indexOf('--color') + 1];
  return args.some((arg) => arg.startsWith('--color')) && (given === 'always' || given === 'never') ? given : 'auto';
}

/** The process as a terminal. Ctrl-C aborts what the command does; a second one ends the process. */
export async function main(args: readonly string[]): Promise<void> {
  const interrupt = new AbortController();
  if (args[0] !== 'serve') {
    process.on('SIGINT', () => {
      if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
      interrupt.abort(new Error('interrupted'));
    });
  }
  // Whoever reads us may have seen enough (`| head`).
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failure));
  const { stdin, stdout, stderr, env } = process;
  process.exitCode = await run(args, { stdin, stdout, stderr, env, cwd: process.cwd(), interrupted: interrupt.signal });
  // Standard input, once looked at, would keep the process alive.
  stdin.destroy();
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
