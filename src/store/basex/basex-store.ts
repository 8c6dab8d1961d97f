/**
 * An XML database of people's own, behind a journal.
 *
 *     write ─▶ journal (embedded store, fsync) ─▶ listeners        what is true
 *                  │
 *                  └─ follower ─▶ BaseX, in groups ─▶ answer       what people look at with their own tools
 *
 * BaseX never syncs and loses databases when it is killed, so it is never alone responsible for a write. Everything is read
 * from the journal. A write is answered when both have it. One that is refused has not happened: whether BaseX is there is
 * asked before the journal is written. Should BaseX go away between the two, the write is durable and everybody has
 * seen it, so it is acknowledged, and it is the first thing BaseX gets when it is back; no further write is taken
 * until then (unless `whenAway` is `journal`).
 */
import { randomUUID } from 'node:crypto';
import { Problem } from '../../model/index.js';
import { openEmbedded } from '../embedded/embedded-store.js';
import type { StoreOptions } from '../options.js';
import type { Store, WriteResult } from '../store.js';
import { readAddress, shown } from './address.js';
import { leaveCleanNote, takeCleanNote } from './clean.js';
import { follow } from './follower.js';
import { journalName } from './identity.js';
import type { BaseXState, ForeignChange } from './options.js';
import { queriesOf } from './queries.js';
import { reports } from './reports.js';
import { BaseXRefusal, openSession } from './session.js';

const PATIENCE_MS = 5000;

/** Rejects with Problem `bad-request`, `conflict` or `store-locked` when the database cannot be used, or as the embedded store does. */
export async function openBaseX(rest: string, options: StoreOptions): Promise<Store> {
  const address = readAddress(rest);
  const { basex, observe = () => {} } = options;
  if (basex === undefined)
    throw new Problem('bad-request', { detail: `${shown(address)} needs a journal.`, hint: 'Name a folder for it with --data DIR.' });
  const patience = basex.patience ?? PATIENCE_MS;
  const whenAway = basex.whenAway ?? 'refuse';
  const journal = await openEmbedded(basex.journal, options);
  const tell = (state: BaseXState) => observe({ kind: 'basex', ...state });
  const attachment = {
    address,
    queries: queriesOf(address.database),
    journal,
    folder: basex.journal,
    name: journalName(basex.journal),
    owner: randomUUID(),
    clean: takeCleanNote(basex.journal),
    patience,
    onRebuild: (done: number, total: number) => observe({ kind: 'basex-rebuild', done, total }),
    onForeign: (change: ForeignChange) => observe({ kind: 'basex-foreign', ...change }),
    ...(basex.accept === undefined ? {} : { accept: basex.accept }),
  };
  const open = (user?: { readonly name: string; readonly password: string }) =>
    openSession(user === undefined ? address : { ...address, user: user.name }, user?.password ?? basex.password, { greetingMs: patience });
  const follower = await follow(attachment, () => open(), tell).catch(async (error) => {
    await journal.close();
    throw error instanceof BaseXRefusal ? new Problem('store-unavailable', { detail: error.message, cause: error }) : error;
  });
  journal.subscribe(follower.advance);
  const reporting = reports({ address, patience, open, alone: follower.alone });

  const under = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;
  const away = () =>
    new Problem('store-unavailable', {
      detail: `${shown(address)} is ${follower.state.phase}${follower.state.reason === undefined ? '' : `: ${follower.state.reason}`}.`,
      hint: 'Nothing was written. Try again when BaseX is back, or start with --when-basex-away journal.',
      retryAfter: 5,
    });

  return {
    ...journal,
    supports: { durable: true, onlineBackup: true, exclusive: true },
    reports: reporting,
    resync: () => follower.resync(),
    write(changes) {
      if (closing !== undefined) return Promise.reject(new Problem('store-unavailable', { detail: 'The store is closed.' }));
      if (changes.length === 0) return journal.write(changes);
      const result = write();
      const settled = result.then(
        () => undefined,
        () => undefined,
      );
      under.add(settled);
      settled.then(() => under.delete(settled));
      return result;

      async function write(): Promise<WriteResult> {
        if (whenAway === 'refuse' && follower.state.phase !== 'in step' && !(await follower.ready(patience))) throw away();
        const outcome = await journal.write(changes);
        if (outcome.ok) await follower.reached(outcome.revision);
        return outcome;
      }
    },
    close() {
      closing ??= (async () => {
        await Promise.all(under);
        await reporting.close();
        if (await follower.close()) leaveCleanNote(basex.journal);
        await journal.close();
      })();
      return closing;
    },
  };
}
