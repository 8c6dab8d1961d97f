import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { findings as findingsOf } from '../../src/store/embedded/check.js';
import { openForReading } from '../../src/store/embedded/database.js';
import { openStore } from '../../src/store/index.js';
import { put, remove } from '../contract/store.js';

/** Somebody's hand in the file: what SQLite finds in order, and the store's own sums do not. */
const TAMPERED: [title: string, sql: string, finding: RegExp][] = [
  ['nothing', 'SELECT 1', /^$/],
  ['a changed document', "UPDATE resources SET xml = x'00' WHERE id = 'b'", /Resource "b" does not match its checksum/],
  ['changed policy data', "UPDATE resources SET meta = 'root' WHERE id = 'b'", /Resource "b" does not match its checksum/],
  ['a changed date', "UPDATE resources SET modified_at = 1 WHERE id = 'b'", /Resource "b" does not match its checksum/],
  [
    'a resource that is gone',
    "DELETE FROM resources WHERE id = 'b'",
    /Resource "b" of revision 1 is missing.*There are 2 resources; the counter row says 3/,
  ],
  [
    'a resource too many',
    "INSERT INTO resources SELECT 99, 'z', revision, created, created_seq, created_at, modified_at, checksum, meta, xml FROM resources WHERE id = 'b'",
    /Resource "z" does not match.*out of publication order.*is not what the history says.*There are 4/,
  ],
  [
    'an older state put back',
    "UPDATE resources SET (revision, modified_at, checksum, meta, xml) = (SELECT revision, modified_at, checksum, meta, xml FROM changes WHERE id = 'c' AND revision = 1) WHERE id = 'c'",
    /Resource "c" is not what the history says of it.*not those that the counter row has summed up/,
  ],
  ['resources in another order', 'UPDATE resources SET ordinal = 100 - ordinal', /is out of publication order/],
  ['a commit that is gone', 'DELETE FROM changes WHERE revision = 2', /The history has no revision 2/],
  [
    'a change that is gone from the end of its commit',
    'DELETE FROM changes WHERE revision = 1 AND seq = 2',
    /Revision 1 has 2 of 3 changes/,
  ],
  [
    'a change that is gone from the middle',
    'DELETE FROM changes WHERE revision = 1 AND seq = 1',
    /Change 2 of revision 1 \(resource "c"\) does not fit into its commit/,
  ],
  ['the last commit gone', 'DELETE FROM changes WHERE revision = 4', /The history ends at revision 3; the counter stands at 4/],
  [
    'a changed change',
    "UPDATE changes SET meta = 'x' WHERE revision = 2",
    /Change 0 of revision 2 \(resource "c"\) does not match its checksum/,
  ],
  [
    'a removal of another resource',
    "UPDATE changes SET id = 'c' WHERE revision = 4",
    /Change 0 of revision 4 \(resource "c"\) does not match/,
  ],
  ['a counter that runs ahead', 'UPDATE meta SET revision = 9', /The history ends at revision 4; the counter stands at 9/],
  [
    'wrong sums',
    'UPDATE meta SET count = 7, history_bytes = 1',
    /The history has 6 changes of \d+ bytes; the counter row says 6 of 1\..*There are 3 resources; the counter row says 7/,
  ],
  ['no counter', 'DELETE FROM meta', /the revision counter is missing/],
];

describe('check of an embedded store', () => {
  let scratch: string;
  let copies = 0;

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'facetry-check-'));
    const store = await openStore(`embedded:${join(scratch, 'store')}`);
    await store.write([put('a'), put('b'), put('c')]);
    await store.write([put('c', '<c>2</c>')]);
    await store.write([put('d')]);
    await store.write([remove('d')]);
    await store.close();
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  for (const [title, sql, finding] of TAMPERED) {
    it(`finds ${title}`, () => {
      const folder = join(scratch, `copy${copies++}`);
      cpSync(join(scratch, 'store'), folder, { recursive: true });
      const hand = new Database(join(folder, 'store.sqlite'));
      hand.exec(sql);
      hand.close();
      const db = openForReading(folder);
      try {
        expect([...findingsOf(db, folder)].map(({ message }) => message).join(' ')).to.match(finding);
      } finally {
        db.close();
      }
    });
  }
});
