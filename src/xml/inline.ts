/**
 * Puts a document of its own, a facet, into another one as a child, so that the whole can be read as if it had been sent whole;
 * and turns the places of what is found there back into places in the facet's own document.
 */
import { Problem, type Violation } from '../model/index.js';
import { decodeDocument } from './decode.js';
import { readTree, type TreeElement } from './tree.js';

export interface InlineDocument {
  readonly root: Pick<TreeElement, 'ns' | 'local' | 'place'>;
  /** `before` and `after` around it. Nothing of the surroundings' default namespace gets in. */
  between(before: string, after: string): string;
  /** The problem of reading `between(before, …)`, in terms of this document. Findings in the surroundings keep no place. */
  relocate(problem: Problem, before: string): Problem;
}

const UNDECLARED = ' xmlns=""';

/** Throws Problem `not-well-formed`, `doctype-refused`, … with places in `bytes`. */
export function inlineDocument(bytes: Uint8Array, charset?: string): InlineDocument {
  const text = decodeDocument(bytes, charset === undefined ? {} : { charset });
  // The declaration is for whole documents only; blanks keep every place.
  const body = text.replace(/^<\?xml\s[^>]*\?>/, (declaration) => declaration.replace(/[^\r\n]/g, ' '));
  const root = readTree(Buffer.from(body));
  const at = startOf(body);
  const tag = /^<[^\s/>]+/.exec(body.slice(at))?.[0] ?? '';
  const end = at + tag.length;
  const declares = /^(?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*?\s+xmlns\s*=/.test(body.slice(end));
  const added = declares ? '' : UNDECLARED;
  const column = root.place.column + [...tag].length;

  return {
    root,
    between: (before, after) => `${before}\n${body.slice(0, end)}${added}${body.slice(end)}${after}`,
    relocate(problem, before) {
      const lines = before.split(/\r\n|\r|\n/).length;
      const own = body.split(/\r\n|\r|\n/).length;
      const violations = problem.violations.map((violation): Violation => {
        const { line, column: where, ...rest } = violation;
        if (line === undefined || line <= lines || line > lines + own) return rest;
        const moved = line - lines === root.place.line && where !== undefined && where > column ? where - added.length : where;
        return { ...rest, line: line - lines, ...(moved === undefined ? {} : { column: moved }) };
      });
      const { detail, hint, retryAfter } = problem;
      return new Problem(problem.code, {
        ...(detail === undefined ? {} : { detail }),
        ...(hint === undefined ? {} : { hint }),
        ...(retryAfter === undefined ? {} : { retryAfter }),
        violations,
        cause: problem,
      });
    },
  };
}

/** Offset of the root element: behind white space, comments and instructions. */
function startOf(body: string): number {
  const prolog = /(?:\s|\uFEFF|<\?[\s\S]*?\?>|<!--[\s\S]*?-->)*/y;
  prolog.exec(body);
  return prolog.lastIndex;
}
