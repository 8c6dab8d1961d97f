/** The audit log: a file that lines are added to, in order. */
import { close, fstatSync, openSync, statSync, write } from 'node:fs';
import type { Check } from '../../http/index.js';

export interface AuditFile {
  /** Never throws and never waits. */
  add(line: string): void;
  /** Opens the file by its name again, after what was added has been written: for those who rotate it. */
  reopen(): void;
  check(): Check;
  /** Resolves when all lines are in the file. */
  close(): Promise<void>;
}

export type AuditEvent = { readonly kind: 'failed'; readonly reason: string; readonly lost: number } | { readonly kind: 'recovered' };

/** Lines kept while the file takes none, in characters. Beyond that they are lost, and counted. */
const MOST = 16 * 1024 * 1024;
/** ms between two tries while it fails */
const AGAIN = 1000;
/** ms between two looks whether the file has been moved away */
const LOOK = 1000;

/**
 * One write at a time, of all lines that came meanwhile. A line is written right after its request has been answered; a process
 * that is killed may lose the lines of its last moment, the data itself never.
 *
 * @throws Error of the system when it cannot be opened
 */
export function openAuditFile(file: string, onEvent: (event: AuditEvent) => void): AuditFile {
  // Neither the group nor others need to know who did what.
  const open = () => openSync(file, 'a', 0o640);
  let fd = open();
  let waiting: string[] = [];
  let size = 0;
  let lost = 0;
  let failure: string | undefined;
  let busy = false;
  let moved = false;
  let looked = performance.now();
  let retry: (() => void) | undefined;
  let again: NodeJS.Timeout | undefined;
  let ended: (() => void) | undefined;

  const fail = (error: Error) => {
    if (failure !== error.message) onEvent({ kind: 'failed', reason: error.message, lost });
    failure = error.message;
  };

  /** The name may lead to another file by now. */
  const follow = () => {
    const now = performance.now();
    if (now - looked > LOOK) {
      looked = now;
      moved ||= statSync(file, { throwIfNoEntry: false })?.ino !== fstatSync(fd).ino;
    }
    if (!moved) return;
    try {
      const next = open();
      close(fd, () => {});
      fd = next;
      moved = false;
    } catch (error) {
      fail(error as Error);
    }
  };

  /** Writes what waits; then what has come meanwhile, and so on. */
  const flow = () => {
    if (busy) return;
    if (waiting.length === 0) return ended?.();
    const batch = Buffer.from(waiting.join(''), 'utf8');
    waiting = [];
    size = 0;
    busy = true;
    put(batch, 0);
  };
  const put = (batch: Buffer, from: number) => {
    follow();
    write(fd, batch, from, batch.length - from, null, (error, written) => {
      if (error !== null && ended === undefined) {
        fail(error);
        retry = () => {
          clearTimeout(again);
          retry = undefined;
          put(batch, from);
        };
        again = setTimeout(retry, AGAIN).unref();
        return;
      }
      if (error === null && from + written < batch.length) return put(batch, from + written);
      if (error === null && failure !== undefined) {
        failure = undefined;
        onEvent({ kind: 'recovered' });
      }
      busy = false;
      flow();
    });
  };

  return {
    add(line) {
      if (size > MOST) {
        lost++;
        return;
      }
      waiting.push(`${line}\n`);
      size += line.length + 1;
      flow();
    },
    reopen() {
      moved = true;
      if (retry !== undefined) retry();
      else if (!busy) follow();
    },
    check: () => ({
      name: 'audit',
      ok: failure === undefined && lost === 0,
      detail: failure === undefined && lost === 0 ? 'written' : `${failure ?? 'written again'}; ${lost} lines are lost`,
    }),
    close() {
      return new Promise((resolve) => {
        ended = () => {
          ended = () => {};
          close(fd, () => resolve());
        };
        // what failed until now gets one last chance
        if (retry !== undefined) retry();
        else flow();
      });
    },
  };
}
