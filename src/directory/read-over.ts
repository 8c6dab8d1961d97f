/**
 * Reads documents that take the place of others. A schema may have become stricter since those were published: facets that stay as
 * they are need not be valid. Only a document that is refused is looked at again in this light.
 */
import { Problem, type ResourceId, type Revision } from '../model/index.js';
import type { Accepted, ReadOptions, ReadPiece, ReadResult } from '../xml/index.js';
import type { Current } from './current.js';
import type { Rooms } from './rooms.js';

/** `over`: the state it was compared with; absent when it is valid by itself. */
export type ReadOver = Accepted & { readonly over?: Revision };

export async function readOver(
  { xml }: Pick<Rooms, 'xml'>,
  bytes: Uint8Array,
  options: ReadOptions,
  replaced: () => Current | undefined,
): Promise<ReadOver> {
  try {
    return await xml.read(bytes, options);
  } catch (problem) {
    const current = isAboutSchemas(problem) ? replaced() : undefined;
    if (current === undefined) throw problem;
    return { ...(await xml.read(bytes, { ...options, current: current.xml })), over: current.revision };
  }
}

export async function readManyOver(
  { xml, mintId }: Pick<Rooms, 'xml' | 'mintId'>,
  pieces: readonly ReadPiece[],
  replaced: (id: ResourceId) => Current | undefined,
): Promise<readonly ReadResult[]> {
  const results = await xml.readMany(pieces, { mintId });
  const again = results.flatMap((result, k) => {
    const current = result.ok || result.id === undefined ? undefined : replaced(result.id);
    return current === undefined ? [] : [{ k, piece: { ...pieces[k], current: current.xml } }];
  });
  if (again.length === 0) return results;
  const read = await xml.readMany(
    again.map(({ piece }) => piece),
    { mintId },
  );
  const merged = [...results];
  for (const [n, { k }] of again.entries()) merged[k] = read[n];
  return merged;
}

function isAboutSchemas(problem: unknown): boolean {
  return problem instanceof Problem && problem.code === 'invalid-resource' && problem.violations.some(({ rule }) => rule === 'schema');
}
