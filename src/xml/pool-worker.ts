import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Problem } from '../model/index.js';
import {
  type Batch,
  type Breakage,
  type Comparison,
  type FromWorker,
  type Setup,
  type ToWorker,
  toWire,
  type WireResult,
  type WorkerData,
} from './pool-messages.js';
import type { SchemaChange } from './schema-model/index.js';
import { boundWasmHeap } from './wasm-heap.js';

/** One instance of the pool: loads, compiles the schemas it is given, reads batches with them until it is stopped. */
const { heapBytes, progress } = workerData as WorkerData;
const port = parentPort as MessagePort;
const heap = boundWasmHeap(heapBytes);
// Imported only now: the WebAssembly instance is made while `libxml2-wasm` is imported, and must already be bounded.
const { createReader, RefusedResource } = await import('./reader.js');
const { compareSchemas, schemaModels } = await import('./schema-model/index.js');
const { checkSchemas } = await import('./schema-registry.js');
const { compileSchemas, SchemaCompileError } = await import('./compile-schemas.js');

let read: ReturnType<typeof createReader> | undefined;
let dispose = () => {};
port.on('message', (message: ToWorker) => {
  if (message.kind === 'setup') send(compile(message.setup));
  else if (message.kind === 'batch') send(readBatch(message.batch));
  else send({ kind: 'compared', changes: compare(message.comparison) });
});
send({ kind: 'loaded' });

function send(message: FromWorker): void {
  port.postMessage(message);
}

function compile({ limits, resourceSchema, schemas }: Setup): FromWorker {
  dispose();
  dispose = () => {};
  try {
    const set = schemas.kind === 'new' ? checkSchemas(schemas.set) : schemas.set;
    const validator = compileSchemas(resourceSchema, set);
    dispose = validator.dispose;
    read = createReader(limits, set, validator);
    if (heap.exhausted()) throw new RangeError('the heap is exhausted');
    return { kind: 'ready', retire: heap.used() > heapBytes / 2, schemas: set };
  } catch (error) {
    if (error instanceof Problem) return { kind: 'refused-schemas', why: toWire(error) };
    const findings = error instanceof SchemaCompileError ? error.findings : [{ message: tooBig(error), line: 0 }];
    return { kind: 'invalid-schemas', findings };
  }
}

function compare({ ns, before, after }: Comparison): readonly SchemaChange[] {
  return compareSchemas(ns, schemaModels(before), schemaModels(after));
}

function tooBig(error: unknown): string {
  const { kind, message } = breakage(error);
  return kind === 'trap' ? `too deep or too large to compile (${message})` : message;
}

function readBatch({ bytes, items }: Batch): FromWorker {
  const results: WireResult[] = [];
  for (const [index, { start, end, ...options }] of items.entries()) {
    Atomics.store(progress, 0, index + 1);
    Atomics.add(progress, 1, 1);
    try {
      if (read === undefined) throw new Error('documents came before the schemas');
      const accepted = read(bytes.subarray(start, end), options);
      if (heap.exhausted()) throw new RangeError('the heap is exhausted');
      results.push({ ok: true, ...accepted });
    } catch (error) {
      if (heap.exhausted()) return { kind: 'done', results, broken: { kind: 'trap', message: 'the heap is exhausted' }, retire: true };
      // After a trap or an exhausted stack the instance may be damaged: nothing more is read with it.
      if (!(error instanceof Problem)) return { kind: 'done', results, broken: breakage(error), retire: true };
      results.push(error instanceof RefusedResource ? { ...toWire(error), id: error.id } : toWire(error));
    }
  }
  Atomics.store(progress, 0, 0);
  return { kind: 'done', results, retire: heap.used() > heapBytes / 2 };
}

function breakage(error: unknown): Breakage {
  const message = error instanceof Error ? error.message : String(error);
  // RangeError: the stack is exhausted, or our bound on the heap was met.
  const trapped = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
  return { kind: trapped ? 'trap' : 'fault', message };
}
