import { Problem } from '../../model/index.js';
import type { Position } from '../positions.js';

/** The error conditions of RFC 5261 §5.1, by name. */
export type PatchError =
  | 'invalid-attribute-value'
  | 'invalid-diff-format'
  | 'invalid-namespace-prefix'
  | 'invalid-namespace-uri'
  | 'invalid-node-types'
  | 'invalid-patch-directive'
  | 'invalid-root-element-operation'
  | 'invalid-whitespace-directive'
  | 'unlocated-node'
  | 'unsupported-id-function';

const HINTS: Partial<Record<PatchError, string>> = {
  'unlocated-node': 'sel must select one node of the document as the operations before have left it',
  'invalid-diff-format': 'a patch is <diff> with <add>, <replace> and <remove>, each with sel (RFC 5261, RFC 7351)',
  'invalid-whitespace-directive': 'ws needs white space there; leave ws out, layout has no meaning in a resource',
};

/** `rule` of the violation is the name of the condition; its place is that of the operation in the patch. */
export function patchProblem(rule: PatchError, message: string, place?: Position): Problem {
  const hint = HINTS[rule];
  return new Problem('invalid-patch', {
    detail: `${rule}: ${message}`,
    ...(hint === undefined ? {} : { hint }),
    violations: [{ rule, message, ...place }],
  });
}
