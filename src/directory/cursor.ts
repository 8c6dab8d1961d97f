/**
 * Cursors: opaque to clients, so that what is inside may change. They say which state of the directory a page was
 * made of and where the next one starts, and are bound to the question they were made for.
 */
import { hash } from 'node:crypto';
import { Problem, type Revision } from '../model/index.js';

export interface Position {
  readonly revision: Revision;
  readonly offset: number;
}

export function sealCursor(position: Position, question: string): string {
  return Buffer.from(`${position.revision}.${position.offset}.${fingerprint(question)}`).toString('base64url');
}

export function openCursor(cursor: string, question: string): Position {
  const match = /^(\d{1,15})\.(\d{1,15})\.([\w-]{11})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (match === null || match[3] !== fingerprint(question)) {
    throw new Problem('bad-request', {
      detail: 'the cursor is not one of this question',
      hint: 'pass `next` of the page before, with the same question',
    });
  }
  return { revision: Number(match[1]), offset: Number(match[2]) };
}

function fingerprint(question: string): string {
  return hash('sha256', question, 'base64url').slice(0, 11);
}
