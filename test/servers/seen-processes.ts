/** What everybody on a machine can see of processes: their arguments, and for their owner and root their environment. */
import { readdirSync, readFileSync } from 'node:fs';

export interface SeenProcesses {
  /** `program arguments`, or name of the variable → true, of everything seen in which `text` occurred */
  holding(text: string): readonly string[];
  /** how many processes were looked at */
  readonly count: number;
  stop(): void;
}

/** Looks every few ms at this process's descendants but those of `except`, until it is stopped. */
export function watchProcesses(except: readonly string[] = []): SeenProcesses {
  const seen = new Map<number, Set<string>>();
  const look = () => {
    for (const pid of descendants(process.pid)) {
      const [command, environment] = [read(pid, 'cmdline'), read(pid, 'environ')];
      if (except.some((text) => command.includes(text))) continue;
      const texts = seen.get(pid) ?? new Set();
      seen.set(pid, texts.add(`arguments ${command}`));
      for (const variable of environment.split('\0')) texts.add(`variable ${variable}`);
    }
  };
  const timer = setInterval(look, 20);
  timer.unref();
  return {
    holding: (text) => [...seen.values()].flatMap((texts) => [...texts].filter((one) => one.includes(text))),
    get count() {
      return seen.size;
    },
    stop: () => clearInterval(timer),
  };
}

function descendants(pid: number): number[] {
  const children = tasks(pid).flatMap((task) => text(`/proc/${pid}/task/${task}/children`).trim().split(' ').filter(Boolean).map(Number));
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function tasks(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

const read = (pid: number, what: string) => text(`/proc/${pid}/${what}`);

/** '' when the process has ended. */
function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
