/**
 * The syntax tree of XPath 1.0 expressions (W3C recommendation of 16 November 1999, §2-§3).
 * Abbreviations are already written out: `//` is a `descendant-or-self::node()` step, `.` is
 * `self::node()`, `..` is `parent::node()`, `@` is the attribute axis. Prefixes are not resolved here.
 *
 *     //a:host[2]/@id   →   path { start: 'root', steps: [
 *                             { axis: 'descendant-or-self', test: { kind: 'node' }, predicates: [] },
 *                             { axis: 'child', test: { kind: 'name', prefix: 'a', local: 'host' }, predicates: [number 2] },
 *                             { axis: 'attribute', test: { kind: 'name', local: 'id' }, predicates: [] } ] }
 */

export type Axis =
  | 'ancestor'
  | 'ancestor-or-self'
  | 'attribute'
  | 'child'
  | 'descendant'
  | 'descendant-or-self'
  | 'following'
  | 'following-sibling'
  | 'namespace'
  | 'parent'
  | 'preceding'
  | 'preceding-sibling'
  | 'self';

export type NodeTest =
  /** `*` */
  | { readonly kind: 'any' }
  /** `prefix:*`, or `Q{ns}*` (then `ns` is set and `prefix` is not) */
  | { readonly kind: 'any-of-namespace'; readonly prefix?: string; readonly ns?: string; readonly at: number }
  /** `local`, `prefix:local`, or `Q{ns}local` */
  | { readonly kind: 'name'; readonly prefix?: string; readonly ns?: string; readonly local: string; readonly at: number }
  /** `node()` */
  | { readonly kind: 'node' }
  | { readonly kind: 'text' }
  | { readonly kind: 'comment' }
  | { readonly kind: 'processing-instruction'; readonly target?: string };

export interface Step {
  readonly axis: Axis;
  readonly test: NodeTest;
  readonly predicates: readonly Expr[];
  /** Offset of the step in the expression's text, in UTF-16 code units from 0. So are all `at`s. */
  readonly at: number;
}

export type CompareOp = '=' | '!=' | '<' | '<=' | '>' | '>=';
export type ArithmeticOp = '+' | '-' | '*' | 'div' | 'mod';

export type Expr =
  /** n-ary, so that ten thousand operands do not make ten thousand levels; the same holds for `and`, `union` and runs of + or - */
  | { readonly kind: 'or'; readonly operands: readonly Expr[]; readonly at: number }
  | { readonly kind: 'and'; readonly operands: readonly Expr[]; readonly at: number }
  | { readonly kind: 'compare'; readonly op: CompareOp; readonly left: Expr; readonly right: Expr; readonly at: number }
  /** first op1 rest1 op2 rest2 …, left-associative, operators of one precedence level */
  | {
      readonly kind: 'arithmetic';
      readonly first: Expr;
      readonly rest: readonly { readonly op: ArithmeticOp; readonly operand: Expr }[];
      readonly at: number;
    }
  /** `times` minus signs before the operand */
  | { readonly kind: 'negate'; readonly operand: Expr; readonly times: number; readonly at: number }
  | { readonly kind: 'union'; readonly operands: readonly Expr[]; readonly at: number }
  | { readonly kind: 'string'; readonly value: string; readonly at: number }
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'variable'; readonly prefix?: string; readonly local: string; readonly at: number }
  | { readonly kind: 'call'; readonly prefix?: string; readonly local: string; readonly args: readonly Expr[]; readonly at: number }
  /** primary expression with predicates, counted along document order: `(//a)[1]` */
  | { readonly kind: 'filter'; readonly primary: Expr; readonly predicates: readonly Expr[]; readonly at: number }
  /** location path; `start` is 'root' for `/…`, 'context' for a relative one, or the expression before the first `/` */
  | { readonly kind: 'path'; readonly start: 'root' | 'context' | Expr; readonly steps: readonly Step[]; readonly at: number };
