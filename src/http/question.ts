/** A question as it comes by HTTP: in the query, in a form, or as JSON. */
import { z } from 'zod';
import type { Question } from '../directory/index.js';
import { isNcName, Problem, parseNameKey } from '../model/index.js';
import { check, flag, format, onceEach, whole } from './query.js';

const MOST = 1_000_000;

/** The parameters with fixed names; `ns.<prefix>` and `var.<name>` stand beside them. */
export const questionParameters = z.strictObject({
  xpath: z
    .string({ error: 'is missing: give the XPath 1.0 expression' })
    .min(1, { error: 'must not be empty' })
    .meta({ description: 'An XPath 1.0 expression, evaluated once against a root whose children are all resources.' }),
  limit: whole('Items on a page; the total is always the whole number.', 0, MOST),
  cursor: z.string().optional().meta({ description: '`next` of the page before; the same question must be asked.' }),
  count: flag('Answer only how many nodes there are.'),
  explain: flag('Answer the plan too, with estimated and actual numbers and times.'),
  timeout: whole('Budget in ms, if lower than that of the server.', 1, 600_000),
  format,
});

const value = z.union([z.string(), z.number(), z.boolean()]);

/** A question as JSON; variables have the type of their JSON value. */
export const questionJson = z
  .strictObject({
    xpath: z.string({ error: 'is missing: give the XPath 1.0 expression' }).min(1, { error: 'must not be empty' }),
    namespaces: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: 'prefix → namespace, beside those of the registered interfaces' }),
    variables: z.record(z.string(), value).optional().meta({ description: 'name, or Q{ns}name → value' }),
    limit: z.int().min(0).max(MOST).optional(),
    cursor: z.string().optional(),
    count: z.boolean().optional(),
    explain: z.boolean().optional(),
    timeout: z.int().min(1).max(600_000).optional(),
  })
  .meta({ id: 'Question' });

export function questionOfParameters(parameters: URLSearchParams): Question {
  const fixed: Record<string, string> = Object.create(null);
  const namespaces: Record<string, string> = Object.create(null);
  const variables: Record<string, string | number | boolean> = Object.create(null);
  const given = onceEach(parameters);
  for (const name in given) {
    const text = given[name] as string;
    if (name.startsWith('ns.')) namespaces[prefixOf(name.slice(3))] = text;
    else if (name.startsWith('var.')) {
      const [key, typed] = variableOf(name.slice(4), text);
      if (key in variables) throw new Problem('bad-request', { detail: `the variable ${key} is given more than once` });
      variables[key] = typed;
    } else fixed[name] = text;
  }
  const { timeout, format: _, ...question } = check(questionParameters, fixed);
  return { ...question, namespaces, variables, ...(timeout === undefined ? {} : { budgetMs: timeout }) };
}

export function questionOfJson(bytes: Uint8Array): Question {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Problem('bad-request', { detail: `the body is not JSON in UTF-8: ${(cause as Error).message.slice(0, 200)}`, cause });
  }
  const { timeout, namespaces, variables, ...question } = check(questionJson, json);
  const bound: Record<string, string> = Object.create(null);
  for (const [prefix, ns] of Object.entries(namespaces ?? {})) bound[prefixOf(prefix)] = ns;
  const given: Record<string, string | number | boolean> = Object.create(null);
  for (const [name, typed] of Object.entries(variables ?? {})) given[nameOf(name)] = typed;
  return { ...question, namespaces: bound, variables: given, ...(timeout === undefined ? {} : { budgetMs: timeout }) };
}

function prefixOf(prefix: string): string {
  if (isNcName(prefix)) return prefix;
  throw new Problem('bad-request', { detail: `"${prefix.slice(0, 100)}" is no prefix`, hint: 'bind one as ns.<prefix>=<namespace>' });
}

function nameOf(name: string): string {
  const expanded = parseNameKey(name);
  if (isNcName(expanded?.local ?? name)) return name;
  throw new Problem('bad-request', {
    detail: `"${name.slice(0, 100)}" is no name of a variable`,
    hint: 'give it as var.<name>=<text> or var.<name>:number=<number>',
  });
}

const NUMBER = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** `x` → a string, `x:number`, `x:boolean`; a value is never guessed at, or `5` would mean different things in `@port = $x`. */
function variableOf(spec: string, text: string): readonly [string, string | number | boolean] {
  const match = /^(.*):(string|number|boolean)$/s.exec(spec);
  const name = nameOf(match?.[1] ?? spec);
  const wrong = (what: string) => new Problem('bad-request', { detail: `the value of ${name} is no ${what}` });
  if (match?.[2] === 'number') {
    if (text === 'NaN' || text === 'Infinity' || text === '-Infinity') return [name, Number(text)];
    if (!NUMBER.test(text)) throw wrong('number');
    return [name, Number(text)];
  }
  if (match?.[2] === 'boolean') {
    if (text !== 'true' && text !== 'false') throw wrong('boolean: write true or false');
    return [name, text === 'true'];
  }
  return [name, text];
}
