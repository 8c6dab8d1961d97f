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
  const text = steps.map(describeStep).join('/');
  if (start === 'root') return text.startsWith('//') ? text : `/${text}`;
  if (start === 'context') return text.startsWith('//') ? `.${text}` : text === '' ? '.' : text;
  return `${describe(start)}${text === '' ? '' : '/'}${text}`;
}

export function describeStep(step: PlanStep): string {
  const predicates = step.predicates.map(describePredicate).join('');
  if (step.axis === 'self' && step.test.kind === 'node') return `.${predicates}`;
  const axis = step.axis === 'child' ? '' : step.axis === 'attribute' ? '@' : step.axis === 'descendant' ? 'descendant::' : `${step.axis}::`;
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
