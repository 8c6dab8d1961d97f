/**
 * What a keeper must know after it was killed: which resources it keeps, and what those delegates gave last whose facets go on
 * while they fail. One file per resource, replaced whole; a torn one counts as absent.
 */
import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Good } from './state.js';

export interface Spooled {
  readonly id: string;
  /** by name of delegate */
  readonly good: Readonly<Record<string, Good>>;
}

export interface Spool {
  /** Everything that is there. */
  load(): readonly Spooled[];
  /** Nothing is written when it is there as it is. */
  save(resource: Spooled): void;
  drop(id: string): void;
}

const shape = z.object({
  id: z.string(),
  good: z.record(
    z.string(),
    z.object({ at: z.number(), facets: z.array(z.object({ key: z.string(), xml: z.string(), canonical: z.string() })) }),
  ),
});

/** A keeper without a folder forgets. */
export const NO_SPOOL: Spool = { load: () => [], save: () => undefined, drop: () => undefined };

/** Throws when the folder cannot be made; what fails later is told and costs nothing but itself. */
export function openSpool(folder: string, onFailure: (why: string) => void): Spool {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const there = new Map<string, string>();
  const fileOf = (id: string) => join(folder, `${hash('sha256', id, 'hex').slice(0, 32)}.json`);

  function attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      onFailure((error as Error).message);
    }
  }

  return {
    load() {
      const found: Spooled[] = [];
      for (const name of readdirSync(folder).filter((one) => one.endsWith('.json'))) {
        attempt(() => {
          const text = readFileSync(join(folder, name), 'utf8');
          const read = shape.safeParse(parsed(text));
          if (!read.success) throw new Error(`${join(folder, name)} is not what a keeper writes; it is left out`);
          there.set(read.data.id, text);
          found.push(read.data);
        });
      }
      return found;
    },
    save(resource) {
      const text = JSON.stringify(resource);
      if (there.get(resource.id) === text) return;
      attempt(() => {
        const file = fileOf(resource.id);
        writeFileSync(`${file}.new`, text, { mode: 0o600 });
        renameSync(`${file}.new`, file);
        there.set(resource.id, text);
      });
    },
    drop(id) {
      there.delete(id);
      attempt(() => rmSync(fileOf(id), { force: true }));
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
