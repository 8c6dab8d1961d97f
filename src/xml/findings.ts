import { type Notice, Problem, type Violation } from '../model/index.js';
import type { Elements, Place } from './elements.js';
import { MAX_VIOLATIONS } from './limits.js';
import { type Rule, say } from './model-rules.js';
import type { Position } from './positions.js';

/** Offset into the source; worked out only for a finding that is listed. */
type Offset = number | (() => number);

/** What a reading finds, with its place in the source. */
export interface Findings {
  readonly violations: readonly Violation[];
  readonly notices: readonly Notice[];
  /** violations beyond those listed */
  uncounted(): number;
  violate(rule: Rule, offset: Offset, ordinal: number, ...words: string[]): void;
  notice(rule: Rule, offset: Offset, ordinal: number, ...words: string[]): void;
  place(ordinal: number): Place;
}

export function newFindings(at: (offset: number) => Position, elements: Elements): Findings {
  const violations: Violation[] = [];
  const notices: Notice[] = [];
  let uncounted = 0;
  function finding(rule: Rule, offset: Offset, ordinal: number, words: readonly string[]): Violation {
    const [message, hint] = say(rule, words);
    const place = at(typeof offset === 'number' ? offset : offset());
    return { rule, message, ...place, path: elements.path(ordinal), ...(hint === undefined ? {} : { hint }) };
  }
  return {
    violations,
    notices,
    uncounted: () => uncounted,
    violate(rule, offset, ordinal, ...words) {
      if (violations.length < MAX_VIOLATIONS) violations.push(finding(rule, offset, ordinal, words));
      else uncounted++;
    },
    notice(rule, offset, ordinal, ...words) {
      if (notices.length < MAX_VIOLATIONS) notices.push(finding(rule, offset, ordinal, words));
    },
    place: (ordinal) => ({ ...at(elements.start(ordinal)), path: elements.path(ordinal) }),
  };
}

/** The refusal of a document that is well-formed and no valid resource. */
export function refusal(violations: readonly Violation[], uncounted = 0): Problem {
  const more: Violation = { rule: 'more', message: `${uncounted} more violations of the same document are not listed` };
  const all = uncounted > 0 ? [...violations, more] : violations;
  const [first] = all;
  const where = first.line === undefined ? '' : `line ${first.line}, column ${first.column}: `;
  const rest = all.length > 1 ? ` (and ${all.length - 1} more)` : '';
  return new Problem('invalid-resource', { detail: `${where}${first.message}${rest}`, hint: first.hint, violations: all });
}
