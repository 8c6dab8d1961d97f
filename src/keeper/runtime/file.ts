import { readFileSync, statSync } from 'node:fs';
import { nameKey } from '../../model/index.js';
import { readTree } from '../../xml/index.js';
import type { Declaration } from '../found-delegate.js';
import { DelegateFailure } from './failure.js';
import { DELEGATE_LIMITS } from './limits.js';
import type { Runtime } from './runtime.js';

/** `<?facetry expires="2026-12-31T00:00:00Z"?>` before the facet: from then on it says nothing. */
const EXPIRES = /<\?facetry\s+expires\s*=\s*["']([^"']*)["']\s*\?>/;

/** A file that holds one facet. */
export function fileRuntime(path: string): Runtime {
  return {
    async collect() {
      const text = readText(path);
      const until = EXPIRES.exec(text)?.[1];
      if (until !== undefined) {
        const at = Date.parse(until);
        if (Number.isNaN(at))
          throw new DelegateFailure('failed', `it expires at "${until}", which is no time such as 2026-12-31T00:00:00Z`);
        if (at <= Date.now()) return [];
      }
      return [text.replace(EXPIRES, '')];
    },
    list: async () => {
      throw new DelegateFailure('failed', 'a file lists no rows');
    },
    close: async () => undefined,
  };
}

/** A file provides what its root element is. Throws Error when it is not XML. */
export function describeFile(path: string, name: string): Declaration {
  const root = readTree(Buffer.from(readText(path).replace(EXPIRES, '')));
  return { name, provides: [nameKey(root)], requires: [], lists: false };
}

function readText(path: string): string {
  const { size } = statSync(path);
  if (size > DELEGATE_LIMITS.output) throw new DelegateFailure('failed', `it has ${size} bytes, more than ${DELEGATE_LIMITS.output}`);
  return readFileSync(path, 'utf8');
}
