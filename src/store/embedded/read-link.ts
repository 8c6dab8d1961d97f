/** Questions to the reading thread and their answers, seen from the thread of the callers. */
import type { Worker } from 'node:worker_threads';
import type { Commit, Problem, StoredResource } from '../../model/index.js';
import {
  type Answered,
  fromPlain,
  type PackedCommits,
  type PackedStates,
  type ReadAnswers,
  type ReadRequest,
  type ToReader,
  unpacker,
  unpackState,
} from './messages.js';

export interface ReadLink {
  ask<Op extends ReadRequest['op']>(request: ReadRequest & { readonly op: Op }): Promise<ReadAnswers[Op]>;
  answered(message: Answered): void;
  /** rejects all open questions, and every later one: the reading thread is gone */
  fail(problem: Problem): void;
}

export function readLink(reader: Worker): ReadLink {
  const open = new Map<number, { readonly resolve: (answer: never) => void; readonly reject: (problem: Problem) => void }>();
  let asked = 0;
  let gone: Problem | undefined;
  return {
    ask(request) {
      return new Promise((resolve, reject) => {
        if (gone !== undefined) return reject(gone);
        const number = ++asked;
        open.set(number, { resolve, reject });
        reader.postMessage({ kind: 'ask', number, request } satisfies ToReader);
      });
    },
    answered(message) {
      const question = open.get(message.number);
      open.delete(message.number);
      if (message.kind === 'failed') question?.reject(fromPlain(message.problem));
      else question?.resolve(message.answer as never);
    },
    fail(problem) {
      gone ??= problem;
      for (const { reject } of open.values()) reject(problem);
      open.clear();
    },
  };
}

export function unpackStates({ states, block }: PackedStates): readonly StoredResource[] {
  const take = unpacker(block);
  return states.map((state) => unpackState(state, take));
}

export function unpackCommits({ commits, block }: PackedCommits): readonly Commit[] {
  const take = unpacker(block);
  return commits.map(({ revision, at, changes }) => ({
    revision,
    at,
    changes: changes.map((change) =>
      typeof change === 'string' ? { kind: 'remove', id: change } : { kind: 'put', resource: unpackState(change, take) },
    ),
  }));
}
