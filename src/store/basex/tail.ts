/** The last commits, for a follower that keeps up: it need not ask the journal for what has just passed by. */
import type { Commit, Revision } from '../../model/index.js';

const BYTES = 16 * 1024 * 1024;
const COMMITS = 1024;

export interface Tail {
  /** the commit after the one before */
  add(commit: Commit): void;
  /** All commits after a revision; undefined: they are not here, ask the journal. */
  after(revision: Revision): readonly Commit[] | undefined;
}

export function tail(): Tail {
  let commits: Commit[] = [];
  let bytes = 0;
  return {
    add(commit) {
      bytes += bytesOf(commit);
      commits.push(commit);
      // Whoever is that far behind reads from the journal, and comes back to those that follow.
      if (bytes > BYTES || commits.length > COMMITS) {
        commits = [];
        bytes = 0;
      }
    },
    after(revision) {
      while (commits.length > 0 && (commits[0] as Commit).revision <= revision) bytes -= bytesOf(commits.shift() as Commit);
      return commits[0]?.revision === revision + 1 ? commits : undefined;
    },
  };
}

function bytesOf({ changes }: Commit): number {
  let bytes = 0;
  for (const change of changes) if (change.kind === 'put') bytes += change.resource.xml.byteLength;
  return bytes;
}
