/** The thread of one module delegate: loads it, and answers what it is asked, one thing at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Delegate } from '../delegate.js';
import { facetTexts } from '../facet-text.js';
import { DELEGATE_LIMITS } from './limits.js';
import type { ListRequest, RunRequest } from './runtime.js';

export type ModuleQuestion =
  | { readonly kind: 'describe' }
  | { readonly kind: 'collect'; readonly request: RunRequest; readonly timeoutMs: number }
  | { readonly kind: 'list'; readonly request: ListRequest; readonly timeoutMs: number };

export type ModuleAnswer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

const { module } = workerData as { readonly module: string };

let loaded: Promise<Delegate> | undefined;

/** The default export, or the module itself when it exports the parts one by one. */
function load(): Promise<Delegate> {
  loaded ??= import(module).then((exported: { default?: Delegate } & Partial<Delegate>) => exported.default ?? (exported as Delegate));
  return loaded;
}

async function answer(question: ModuleQuestion): Promise<unknown> {
  const delegate = await load();
  if (question.kind === 'describe') {
    if (typeof delegate.collect !== 'function') throw new Error('it has no function collect(context)');
    const { name, version, provides, requires, config } = delegate;
    // Whatever cannot be cloned would not be a declaration.
    return JSON.parse(JSON.stringify({ name, version, provides, requires, config, lists: typeof delegate.list === 'function' }));
  }
  const late = new AbortController();
  // a little before the thread is ended, so that it can close what it opened
  const timer = setTimeout(() => late.abort(new Error('the time is over')), question.timeoutMs * 0.95);
  try {
    if (question.kind === 'list') {
      if (delegate.list === undefined) throw new Error('it lists no rows');
      return JSON.parse(JSON.stringify(await delegate.list({ ...question.request, signal: late.signal })));
    }
    const texts = facetTexts(await delegate.collect({ ...question.request, signal: late.signal }), delegate.provides);
    const bytes = texts.reduce((sum, text) => sum + text.length, 0);
    if (bytes > DELEGATE_LIMITS.output) throw new Error(`its facets have ${bytes} characters, more than ${DELEGATE_LIMITS.output}`);
    const { arrayBuffers } = process.memoryUsage();
    if (arrayBuffers > DELEGATE_LIMITS.memory) throw new MemoryError(arrayBuffers);
    return texts;
  } finally {
    clearTimeout(timer);
  }
}

/** Buffers are outside of the heap, whose size the thread is started with; they are looked at afterwards. */
class MemoryError extends Error {
  constructor(bytes: number) {
    super(`it used ${Math.round(bytes / 1024 / 1024)} MiB of buffers, more than ${DELEGATE_LIMITS.memory / 1024 / 1024} MiB`);
  }
}

parentPort?.on('message', (question: ModuleQuestion) => {
  answer(question).then(
    (value) => parentPort?.postMessage({ ok: true, value } satisfies ModuleAnswer),
    (error: unknown) => {
      parentPort?.postMessage({ ok: false, message: error instanceof Error ? error.message : String(error) } satisfies ModuleAnswer);
      if (error instanceof MemoryError) process.exit(1);
    },
  );
});
