/** A thread for one long task, a check or a backup, so that neither writes nor short reads wait for it. */
import { parentPort, workerData } from 'node:worker_threads';
import { copyStore } from './backup.js';
import { findings } from './check.js';
import { openForReading } from './database.js';
import { toProblem } from './failure.js';
import { type CareTask, type FromCaretaker, toPlain } from './messages.js';

const { folder, task } = workerData as { readonly folder: string; readonly task: CareTask };
const say = (message: FromCaretaker) => parentPort?.postMessage(message);

try {
  if (task.kind === 'backup') await copyStore(folder, task.target, (done, total) => say({ kind: 'progress', done, total }));
  else check();
  say({ kind: 'done' });
} catch (error) {
  say({ kind: 'failed', problem: toPlain(toProblem(error, task.kind === 'backup' ? task.target : folder)) });
}

function check(): void {
  const db = openForReading(folder);
  try {
    for (const finding of findings(db, folder)) say({ kind: 'finding', finding });
  } finally {
    db.close();
  }
}
