/**
 * Asks delegates, so that none delays another. A module answers one question at a time, in its own thread. Of one executable, two
 * run at once, of all together `parallel`; those that hung when they were last asked share a narrow lane of their own.
 */
import type { Row } from '../delegate.js';
import type { FoundDelegate } from '../found-delegate.js';
import { type Lane, lane } from '../lane.js';
import { DelegateFailure, type ListRequest, type RunRequest, type Runtime, runtimeOf } from '../runtime/index.js';

const OF_ONE = 2;
const HUNG = 2;

export interface Collector {
  /** One XML text per facet. Rejects with DelegateFailure. */
  collect(delegate: FoundDelegate, request: RunRequest, timeoutMs: number): Promise<readonly string[]>;
  list(delegate: FoundDelegate, request: ListRequest, timeoutMs: number): Promise<readonly Row[]>;
  /** Lets go of all that are not among these, as they are now. */
  keep(delegates: readonly FoundDelegate[]): Promise<void>;
  /** executables that run at once */
  widen(parallel: number): void;
  close(): Promise<void>;
}

interface Opened {
  readonly delegate: FoundDelegate;
  readonly runtime: Runtime;
  readonly own: Lane;
  /** what it has printed for people since it was last told */
  readonly heard: string[];
  told: string;
  hung: boolean;
}

/** `onDiagnostics`: what a delegate printed for people in a run, unless it is what it printed in the run before. */
export function createCollector(parallel: number, onDiagnostics: (delegate: string, text: string) => void): Collector {
  const opened = new Map<string, Opened>();
  const all = lane(parallel);
  const hung = lane(HUNG);

  function open(delegate: FoundDelegate): Opened {
    const before = opened.get(delegate.path);
    if (before?.delegate.stamp === delegate.stamp) return before;
    void before?.runtime.close();
    const heard: string[] = [];
    const runtime = runtimeOf(delegate, (text) => void heard.push(text));
    const one = { delegate, runtime, heard, told: '', own: lane(delegate.kind === 'executable' ? OF_ONE : 1), hung: false };
    opened.set(delegate.path, one);
    return one;
  }

  /** What it says in every run is told once. */
  function tell(one: Opened): void {
    const text = one.heard.splice(0).join('\n');
    if (text === '' || text === one.told) return;
    one.told = text;
    onDiagnostics(one.delegate.name, text);
  }

  async function ask<T>(delegate: FoundDelegate, question: (runtime: Runtime) => Promise<T>): Promise<T> {
    const one = open(delegate);
    return one.own.run(async () => {
      const noted = async () => {
        try {
          const answer = await question(one.runtime);
          one.hung = false;
          return answer;
        } catch (error) {
          one.hung = error instanceof DelegateFailure && error.status === 'timeout';
          throw error;
        } finally {
          tell(one);
        }
      };
      if (delegate.kind !== 'executable') return noted();
      return (one.hung ? hung : all).run(noted);
    });
  }

  return {
    collect: (delegate, request, timeoutMs) => ask(delegate, (runtime) => runtime.collect(request, timeoutMs)),
    list: (delegate, request, timeoutMs) => ask(delegate, (runtime) => runtime.list(request, timeoutMs)),
    async keep(delegates) {
      const stamps = new Map(delegates.map(({ path, stamp }) => [path, stamp]));
      for (const [path, one] of opened) {
        if (stamps.get(path) === one.delegate.stamp) continue;
        opened.delete(path);
        await one.runtime.close();
      }
    },
    widen: (next) => all.widen(next),
    async close() {
      const left = [...opened.values()];
      opened.clear();
      await Promise.all(left.map(({ runtime }) => runtime.close()));
    },
  };
}
