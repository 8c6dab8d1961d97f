/** A reader in another thread: answers each message with what it reads, and on `hunt` looks for what must be there, without pause. */
import { parentPort } from 'node:worker_threads';
import { type AttachedColumns, attachColumns, type SharedColumns } from '../../../src/discovery/columns/index.js';
import { readEverything } from './history.js';

export type ReaderRequest =
  | { readonly kind: 'attach'; readonly columns: SharedColumns }
  | { readonly kind: 'read' }
  | { readonly kind: 'refresh' }
  | { readonly kind: 'hunt'; readonly until: number };

let columns: AttachedColumns;

parentPort?.on('message', (request: ReaderRequest) => {
  switch (request.kind) {
    case 'attach':
      columns = attachColumns(request.columns);
      parentPort?.postMessage('attached');
      break;
    case 'refresh':
      columns.refresh();
      parentPort?.postMessage('refreshed');
      break;
    case 'read':
      parentPort?.postMessage(readEverything(columns));
      break;
    default:
      parentPort?.postMessage(hunt(request.until));
  }
});

/**
 * The writer puts resources `id-0`, `id-1`, … (see share.test.ts), one a revision, while this runs. All that were published
 * at a refresh have to be found, wherever buckets are being split. Returns what was missed.
 */
function hunt(until: number): { readonly looks: number; readonly missed: string[] } {
  const missed: string[] = [];
  let looks = 0;
  let next = 0;
  do {
    columns.refresh();
    const { revision, slots, strings, postings, labels, rows } = columns;
    for (let i = 0; i < 200 && revision > 0; i++, looks++) {
      const k = (next * 31 + 7) % revision;
      next = k;
      const slot = slots.find(`id-${k}`, revision);
      if (slot < 0) {
        missed.push(`resource ${k} at ${revision}`);
        continue;
      }
      const leaf = slots.row(slot) + 2;
      const string = strings.find(`text ${k}`);
      if (string !== rows.data[leaf] || strings.text(string) !== `text ${k}`) missed.push(`string ${k} at ${revision}`);
      if (postings.head(rows.label[leaf], string) !== leaf) missed.push(`posting ${k} at ${revision}`);
      const common = strings.find('common');
      const head = postings.head(rows.label[leaf + 1], common);
      if (head >= rows.count || rows.data[head] !== common) missed.push(`head of the common posting at ${revision}`);
    }
    if (revision > 0) {
      const label = rows.label[slots.row(0) + 2];
      let count = 0;
      for (const { rows: run, data } of labels.values(label))
        for (let i = 0; i < run.length; i++, count++) if (rows.data[run[i]] !== data[i]) missed.push(`value ${i}`);
      if (count !== revision) missed.push(`${count} rows of the label at ${revision}`);
    }
  } while (columns.revision < until && missed.length === 0);
  return { looks, missed };
}
