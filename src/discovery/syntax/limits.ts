/**
 * Bounds on one expression. They keep every recursive walk over a syntax tree far from the end of the
 * stack, and every list short enough to plan; what an expression may *cost* is the evaluation budget's business.
 */
export interface SyntaxLimits {
  /** UTF-16 code units of the expression */
  readonly length: number;
  /** parentheses, predicates and argument lists inside one another; also `a = b = c` chains, which nest to the left */
  readonly depth: number;
  /** operands of one operator, steps of one path, predicates of one step, arguments of one call, each */
  readonly list: number;
}

export const SYNTAX_LIMITS: SyntaxLimits = { length: 256 * 1024, depth: 256, list: 16_384 };
