/**
 * Renewals and directory time on disk, in a file beside the store: lines of JSON, each behind the checksum of its text.
 *
 *     9c1d2e3f {"t":5123000}
 *     77aa01bc {"t":5124000,"r":[["node-7","Q{urn:facetry:host}host",5123412]]}
 *
 * A renewal makes no commit, so it is not in the store; it is noted here within a second. What a crash keeps from being noted
 * costs no more than that second, which the grace of every lease covers. A torn line, and all behind it, is left out.
 */
import { hash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { NameKey, ResourceKey } from '../../model/index.js';

export type Renewal = readonly [key: ResourceKey, facet: NameKey, time: number];

export interface LeaseJournal {
  /** directory time that was last noted */
  readonly time: number;
  readonly renewals: readonly Renewal[];
  note(time: number, renewals: readonly Renewal[]): Promise<void>;
  close(): Promise<void>;
}

const FILE = 'leases.journal';
/** lines after which the file is written anew with what still counts */
const LONG = 20_000;

/** `all`: every renewal that still counts, asked for when the file has grown long. No folder: nothing outlives the process. */
export async function openJournal(folder: string | undefined, all: () => readonly Renewal[]): Promise<LeaseJournal> {
  if (folder === undefined) return { time: 0, renewals: [], note: async () => undefined, close: async () => undefined };
  const path = join(folder, FILE);
  const { time, renewals, lines } = readJournal(path);
  let count = lines;
  let file: FileHandle = await open(path, 'a', 0o600);
  return {
    time,
    renewals,
    async note(now, fresh) {
      if (count < LONG) {
        count++;
        await file.appendFile(line(now, fresh));
        return;
      }
      await file.close();
      writeFileSync(`${path}.new`, line(now, all()), { mode: 0o600 });
      renameSync(`${path}.new`, path);
      file = await open(path, 'a', 0o600);
      count = 1;
    },
    close: () => file.close(),
  };
}

function line(time: number, renewals: readonly Renewal[]): string {
  const text = JSON.stringify(renewals.length === 0 ? { t: Math.floor(time) } : { t: Math.floor(time), r: renewals });
  return `${checksum(text)} ${text}\n`;
}

function checksum(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 8);
}

export function readJournal(path: string): { readonly time: number; readonly renewals: readonly Renewal[]; readonly lines: number } {
  const latest = new Map<string, Renewal>();
  let time = 0;
  let lines = 0;
  if (existsSync(path)) {
    for (const text of readFileSync(path, 'utf8').split('\n')) {
      const json = text.slice(9);
      if (text.slice(0, 8) !== checksum(json)) break;
      const { t, r = [] } = JSON.parse(json) as { readonly t: number; readonly r?: readonly Renewal[] };
      time = Math.max(time, t);
      for (const renewal of r) latest.set(`${renewal[0]}\n${renewal[1]}`, renewal);
      lines++;
    }
  }
  return { time, renewals: [...latest.values()], lines };
}
