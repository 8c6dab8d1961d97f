import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { FromWorker, ToWorker, WireResult, WorkerData } from '../../src/xml/pool-messages.js';

/**
 * A worker that keeps the protocol of the pool and breaks in the way a document asks for: `hang`, `trap`, `fault`, `exit`, `throw`, `memory`.
 * Anything else is accepted. `alone-trap` and so on break only in company.
 */
const { progress } = workerData as WorkerData;
const port = parentPort as MessagePort;
const send = (message: FromWorker) => port.postMessage(message);
port.on('message', (message: ToWorker) => {
  if (message.kind !== 'batch') return send({ kind: 'ready', retire: false, schemas: [] });
  const { bytes, items } = message.batch;
  const results: WireResult[] = [];
  for (const [index, { start, end }] of items.entries()) {
    Atomics.store(progress, 0, index + 1);
    Atomics.add(progress, 1, 1);
    const text = Buffer.from(bytes.subarray(start, end)).toString();
    // a document that is innocent breaks where another one has damaged the instance before
    const word = text.startsWith('alone-') ? (items.length > 1 ? text.slice(6) : '') : text;
    if (word === 'hang') for (;;);
    if (word === 'exit') process.exit(3);
    if (word === 'throw') throw new Error('thrown by the worker');
    if (word === 'memory') for (const hoard: unknown[] = []; ; ) hoard.push(new Array(100_000).fill({}));
    if (word === 'trap' || word === 'fault') {
      return send({ kind: 'done', results, broken: { kind: word, message: 'unreachable' }, retire: true });
    }
    results.push({ ok: true, resource: { id: text, scopes: [], facets: [], xml: text }, notices: [] });
  }
  Atomics.store(progress, 0, 0);
  send({ kind: 'done', results, retire: false });
});
send({ kind: 'loaded' });
