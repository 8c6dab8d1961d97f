/**
 * What the store's threads say to each other. Documents of one message travel as one block of bytes whose ownership is
 * transferred: cloning each `Uint8Array` would copy the whole buffer behind it, which for a small `Buffer` is a shared slab.
 */
import { type Expectation, Problem, type ProblemCode, type Revision, type StoredResource } from '../../model/index.js';
import type { HistoryBounds } from '../options.js';
import type { StateRow } from '../sql.js';
import type { Conflict } from '../store.js';
import type { Finding } from './check.js';

/** Given to a thread when it starts. */
export interface ThreadData {
  readonly folder: string;
  readonly history: HistoryBounds;
  readonly snapshotIdleMs: number;
}

/** A change without its document; `bytes` is the document's length in the message's block, -1 for a removal. */
export interface PackedChange {
  readonly id: string;
  readonly meta?: string;
  readonly expect?: Expectation;
  readonly bytes: number;
}

export interface PackedWrite {
  readonly changes: readonly PackedChange[];
  /** the caller's clock when it was submitted */
  readonly at: number;
}

export type ToWriter =
  | { readonly kind: 'write'; readonly writes: readonly PackedWrite[]; readonly block: Uint8Array }
  | { readonly kind: 'close' };

/** Where a resource that a put replaced comes from; null: this commit created it (or removed it). */
export type Origin = readonly [created: Revision, createdSeq: number, createdAt: number] | null;

export type WriteOutcome =
  | { readonly kind: 'committed'; readonly revision: Revision; readonly at: number; readonly origins: readonly Origin[] }
  | { readonly kind: 'conflict'; readonly conflicts: readonly Conflict[] }
  | { readonly kind: 'failed'; readonly problem: PlainProblem };

export type FromWriter =
  | { readonly kind: 'opened'; readonly revision: Revision }
  | { readonly kind: 'refused'; readonly problem: PlainProblem }
  | { readonly kind: 'written'; readonly outcomes: readonly WriteOutcome[] }
  | { readonly kind: 'unavailable'; readonly problem: PlainProblem }
  | { readonly kind: 'available' };

/** Resource states without their documents, which stand one after the other in `block`. */
export interface PackedState {
  readonly id: string;
  readonly meta: string | null;
  readonly revision: Revision;
  readonly created: Revision;
  readonly createdSeq: number;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly bytes: number;
}

/** A Problem as a message can carry it. */
export interface PlainProblem {
  readonly code: ProblemCode;
  readonly detail?: string;
  readonly hint?: string;
  readonly retryAfter?: number;
}

export function toPlain({ code, detail, hint, retryAfter }: Problem): PlainProblem {
  return { code, detail, hint, retryAfter };
}

export function fromPlain({ code, ...details }: PlainProblem): Problem {
  return new Problem(code, details);
}

/** One fresh block of all documents: the only copy they make on their way. */
export function pack(documents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let size = 0;
  for (const document of documents) size += document.byteLength;
  const block = new Uint8Array(size);
  let at = 0;
  for (const document of documents) {
    block.set(document, at);
    at += document.byteLength;
  }
  return block;
}

/** Reads documents off a block, in order, without copying. */
export function unpacker(block: Uint8Array): (bytes: number) => Uint8Array {
  let at = 0;
  return (bytes) => {
    const document = block.subarray(at, at + bytes);
    at += bytes;
    return document;
  };
}

/** Requests to the reading thread carry a number; the answer carries it back. */
export type ReadRequest =
  | { readonly op: 'get'; readonly id: string }
  | { readonly op: 'revision' }
  | { readonly op: 'commits'; readonly after: Revision; readonly limit: number }
  | { readonly op: 'snapshot' }
  | { readonly op: 'next'; readonly snapshot: number }
  | { readonly op: 'release'; readonly snapshot: number };

export interface ReadAnswers {
  readonly get: PackedStates;
  readonly revision: Revision;
  readonly commits: PackedCommits | undefined;
  readonly snapshot: { readonly snapshot: number; readonly revision: Revision; readonly count: number };
  /** an empty batch ends the snapshot */
  readonly next: PackedStates;
  readonly release: undefined;
}

export interface PackedStates {
  readonly states: readonly PackedState[];
  readonly block: Uint8Array;
}

export interface PackedCommits {
  /** removals stand in their commit as ids */
  readonly commits: readonly { readonly revision: Revision; readonly at: number; readonly changes: readonly (PackedState | string)[] }[];
  readonly block: Uint8Array;
}

export type ToReader =
  | { readonly kind: 'open' }
  | { readonly kind: 'ask'; readonly number: number; readonly request: ReadRequest }
  | { readonly kind: 'close' };

export type FromReader = { readonly kind: 'opened' } | { readonly kind: 'refused'; readonly problem: PlainProblem } | Answered;

export type Answered =
  | { readonly kind: 'answer'; readonly number: number; readonly answer: ReadAnswers[keyof ReadAnswers] }
  | { readonly kind: 'failed'; readonly number: number; readonly problem: PlainProblem };

export function packState({ id, meta, revision, created, createdSeq, createdAt, modifiedAt, xml }: StateRow): PackedState {
  return { id, meta, revision, created, createdSeq, createdAt, modifiedAt, bytes: xml.byteLength };
}

export function unpackState({ meta, bytes, ...state }: PackedState, take: (bytes: number) => Uint8Array): StoredResource {
  const xml = take(bytes);
  return meta === null ? { ...state, xml } : { ...state, meta, xml };
}

/** The block's memory is given away with the message. */
export function blockOf(answer: unknown): ArrayBuffer[] {
  const block = (answer as { block?: Uint8Array<ArrayBuffer> } | undefined)?.block;
  return block === undefined ? [] : [block.buffer];
}

/** What a caretaker thread is started for. */
export type CareTask = { readonly kind: 'check' } | { readonly kind: 'backup'; readonly target: string };

export type FromCaretaker =
  | { readonly kind: 'finding'; readonly finding: Finding }
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly problem: PlainProblem };
