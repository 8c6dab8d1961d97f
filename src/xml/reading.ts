import type { SaxesTagNS } from 'saxes';
import { type DocumentLimits, Problem } from '../model/index.js';
import type { Bindings } from './canonical.js';
import type { Findings } from './findings.js';
import { attributeOffset } from './model-rules.js';
import type { Parser } from './parser.js';
import type { Position } from './positions.js';

/**
 * One document while it is read: what the readers of its parts share.
 *
 * None of the objects made for each document has accessors: a `get` in a literal makes a hidden class of its own each time, which keeps
 * the whole document alive until the next full collection, and half of the time goes into collecting.
 */
export interface Reading {
  readonly text: string;
  readonly parser: Parser;
  readonly limits: DocumentLimits;
  readonly findings: Findings;
  readonly at: (offset: number) => Position;
  /** depth of the innermost open element; the root is 1 */
  depth: number;
  /** `open[d]` is the ordinal of the open element at depth d */
  readonly open: number[];
  /** end of the markup before: whatever comes next begins at or after it */
  mark: number;
  /** namespaces as they are written */
  bindings: Bindings;
}

const XSI_NS = 'http://www.w3.org/2001/XMLSchema-instance';

/** Elements below the root have no attributes. A hint where schemas lie is no content: it is left out with a notice, and never followed. */
export function refuseAttributes(reading: Reading, tag: SaxesTagNS, start: number, rule: 'envelope-attribute' | 'facet-attribute'): void {
  const { text, findings } = reading;
  const ordinal = reading.open[reading.depth];
  for (const key in tag.attributes) {
    const { prefix, local, uri } = tag.attributes[key];
    if (prefix === 'xmlns' || key === 'xmlns') continue;
    const offset = () => attributeOffset(text, start, key);
    if (uri === XSI_NS && /^(?:schemaL|noNamespaceSchemaL)ocation$/.test(local)) findings.notice('location-hint', offset, ordinal, key);
    else findings.violate(rule, offset, ordinal, key, tag.name);
  }
}

export function overLimit({ text, at, mark }: Reading, rule: string, what: string): Problem {
  const next = text.indexOf('<', mark);
  return new Problem('limit-exceeded', {
    detail: `the document has ${what}`,
    hint: 'split it, or ask for a higher limit',
    violations: [{ rule, message: `the document has ${what}`, ...at(next < 0 ? mark : next) }],
  });
}
