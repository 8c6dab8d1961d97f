/** Plans as people read them: XPath again, with `//` and `@` where they were folded away. Also the key by which equal parts are found. */
import type { Plan, PlanStep, Predicate } from './tree.js';

export function describe(plan: Plan): string {
  switch (plan.op) {
    case 'literal':
      return typeof plan.value === 'string' ? quote(plan.value) : typeof plan.value === 'boolean' ? `${plan.value}()` : String(plan.value);
    case 'variable':
      return `$${plan.name}`;
    case 'or':
    case 'and':
      return `(${plan.operands.map(describe).join(` ${plan.op} `)})`;
    case 'not':
      return `not(${describe(plan.operand)})`;
    case 'exists':
      return describe(plan.operand);
    case 'truth':
      return `boolean(${describe(plan.operand)})`;
    case 'compare':
      return `${describe(plan.left)} ${plan.compare} ${describe(plan.right)}`;
    case 'arithmetic':
      return `(${describe(plan.first)}${plan.rest.map(({ op, operand }) => ` ${op} ${describe(operand)}`).join('')})`;
    case 'negate':
      return `-${describe(plan.operand)}`;
    case 'union':
      return `(${plan.operands.map(describe).join(' | ')})`;
    case 'call':
      return `${plan.definition.name}(${plan.args.map(describe).join(', ')})`;
    case 'filter':
      return `(${describe(plan.primary)})${plan.predicates.map(describePredicate).join('')}`;
    case 'hole':
      return '·';
    case 'path':
      return describePath(plan.start, plan.steps);
  }
}

export function describePath(start: 'root' | 'context' | Plan, steps: readonly PlanStep[]): string {
  let text = start === 'root' ? '' : start === 'context' ? '.' : describe(start);
  for (const step of steps)
    text += isAnywhere(step) ? `//${step.test.written}${step.predicates.map(describePredicate).join('')}` : `/${describeStep(step)}`;
  if (start === 'root') return text === '' ? '/' : text;
  return text.startsWith('./') && !text.startsWith('.//') ? text.slice(2) : text;
}

/** `//x` is short for a descendant step only as long as no positions are counted. */
function isAnywhere(step: PlanStep): boolean {
  return step.axis === 'descendant' && step.predicates.every((predicate) => predicate.kind === 'free');
}

export function describeStep(step: PlanStep): string {
  const predicates = step.predicates.map(describePredicate).join('');
  if (step.axis === 'self' && step.test.kind === 'node') return `.${predicates}`;
  const axis = step.axis === 'child' ? '' : step.axis === 'attribute' ? '@' : `${step.axis}::`;
  return `${axis}${step.test.written}${predicates}`;
}

function describePredicate(predicate: Predicate): string {
  return `[${describe(predicate.plan)}]`;
}

function quote(text: string): string {
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}

/** For one line of an explanation. */
export function brief(text: string, length = 100): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
