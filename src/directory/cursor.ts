/**
 * Cursors: which state of the directory a page was made of and where the next one starts, bound to the question they were
 * made for. Opaque to clients, so that what is inside may change.
 *
 * Those of a caller who is limited to scopes are encrypted: the revision counts the commits of everybody, and it must not learn
 * from its cursors that something happened elsewhere. Two of them differ even when they mean the same.
 */
import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';
import { Problem, type Revision } from '../model/index.js';
import type { Caller } from './directory.js';

export interface Position {
  readonly revision: Revision;
  readonly offset: number;
}

export interface Cursors {
  seal(position: Position, question: string, caller: Caller): string;
  /** Throws Problem `bad-request` when it is not a cursor of this directory, for this question and a caller like this. */
  open(cursor: string, question: string, caller: Caller): Position;
}

const NONCE = 12;
const TAG = 16;

/** `key`: 16 random bytes, kept as long as cursors of callers with scopes shall hold. */
export function createCursors(key: Uint8Array): Cursors {
  return {
    seal: (position, question, caller) =>
      caller.scopes === undefined ? plain(position, question) : encrypted(key, position, question, caller),
    open(cursor, question, caller) {
      const position = caller.scopes === undefined ? openPlain(cursor, question) : decrypted(key, cursor, question, caller);
      if (position !== undefined) return position;
      throw new Problem('bad-request', {
        detail: 'the cursor is not one of this question',
        hint: 'pass `next` of the page before, with the same question',
      });
    },
  };
}

function plain({ revision, offset }: Position, question: string): string {
  return Buffer.from(`${revision}.${offset}.${fingerprint(question)}`).toString('base64url');
}

function openPlain(cursor: string, question: string): Position | undefined {
  const match = /^(\d{1,15})\.(\d{1,15})\.([\w-]{11})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  return match === null || match[3] !== fingerprint(question) ? undefined : { revision: Number(match[1]), offset: Number(match[2]) };
}

function encrypted(key: Uint8Array, { revision, offset }: Position, question: string, caller: Caller): string {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-128-gcm', key, nonce).setAAD(bond(question, caller));
  const content = Buffer.alloc(16);
  content.writeDoubleBE(revision, 0);
  content.writeDoubleBE(offset, 8);
  return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

function decrypted(key: Uint8Array, cursor: string, question: string, caller: Caller): Position | undefined {
  const sealed = Buffer.from(cursor, 'base64url');
  try {
    const decipher = createDecipheriv('aes-128-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG }).setAAD(bond(question, caller));
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
    const content = Buffer.concat([decipher.update(sealed.subarray(NONCE, sealed.length - TAG)), decipher.final()]);
    return { revision: content.readDoubleBE(0), offset: content.readDoubleBE(8) };
  } catch {
    return undefined;
  }
}

/** What an encrypted cursor is good for: this question, of somebody who operates in these scopes. */
function bond(question: string, caller: Caller): Buffer {
  return hash('sha256', JSON.stringify([question, [...(caller.scopes ?? [])].sort()]), 'buffer');
}

function fingerprint(question: string): string {
  return hash('sha256', question, 'base64url').slice(0, 11);
}
