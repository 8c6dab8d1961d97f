/** `facetry discover`: an XPath over everything the directory holds. */
import { type Answer, type AskOptions, accepting, type Found, type PlanLine, RequestProblem } from '../../client/index.js';
import { Problem } from '../../model/index.js';
import { BINDING_OPTIONS, namespacesOf, variablesOf } from '../bindings.js';
import { type CommandSpec, wholeOption } from '../command.js';
import { expressionError } from '../output/expression-error.js';
import { nodeName, nodeText } from '../output/found-node.js';
import { structured } from '../output/structured.js';
import { cell, columnWidths, table, tableHead, tableRows } from '../output/table.js';
import { outputOf, tableWidth } from '../output-form.js';
import type { Session } from '../session.js';

/** Rows whose widths decide those of all. */
const FIRST_ROWS = 500;

export const discover: CommandSpec = {
  name: 'discover',
  summary: 'Find resources, or anything in them, by XPath',
  description:
    'The expression (XPath 1.0) is evaluated once against a root whose children are all resources. The prefixes of registered interfaces are bound, and r for resources.',
  arguments: [{ form: '<XPATH>', about: 'the expression' }],
  options: [
    ...BINDING_OPTIONS,
    ['--count', 'only how many nodes there are'],
    ['--limit <N>', 'at most so many nodes'],
    ['--explain', 'show the plan, with estimated and actual numbers and times'],
    ['--budget <MS>', 'milliseconds the evaluation may take'],
  ],
  examples: [
    ["facetry discover '//host:host[host:memoryMb > 65536]/host:hostname'", 'hosts with much memory'],
    ["facetry discover '/r:resource[r:scope = $s]' --var s=/science -o name", 'ids of the resources in a scope'],
    ["facetry discover 'count(//f:gpu)' --ns f=urn:example", 'a number'],
    ["facetry discover '//site:site' --explain", 'how it is evaluated'],
  ],
  async run(session, [xpath], options) {
    const form = outputOf(session, ['table', 'xml', 'json', 'yaml', 'name', 'value']);
    const limit = wholeOption(options, 'limit');
    const asked: AskOptions = {
      namespaces: namespacesOf(options),
      variables: variablesOf(options),
      ...(limit === undefined ? {} : { limit }),
      ...(options.count === true ? { count: true } : {}),
      ...(options.explain === true ? { explain: true } : {}),
      ...(options.budget === undefined ? {} : { budget: wholeOption(options, 'budget', 1) }),
      signal: session.terminal.interrupted,
    };
    try {
      await answer(session, xpath as string, asked, form);
    } catch (error) {
      throw inExpression(error, xpath as string);
    }
  },
};

async function answer(session: Session, xpath: string, asked: AskOptions, form: ReturnType<typeof formOf>): Promise<void> {
  const { client } = session;
  if (form === 'xml' || form === 'json') return await passOn(session, xpath, asked, form);
  if (form === 'yaml') return await session.print(structured('yaml', await client.ask(xpath, asked)));
  if (asked.explain === true) return await explain(session, await client.ask(xpath, { ...asked, limit: 0 }));
  if (asked.count === true) return await session.print(`${scalarText(await client.ask(xpath, asked))}\n`);
  const seen = new Set<string>();
  let first: string[][] | undefined = [];
  let widths: readonly number[] = [];
  const flush = async (rows: string[][]) => {
    widths = columnWidths(HEAD, rows);
    await session.print(tableHead(HEAD, widths, session.colors.out) + tableRows(rows, widths, tableWidth(session)));
  };
  for await (const found of client.discover(xpath, asked)) {
    if (!('resource' in found)) return await session.print(`${valueText(found)}\n`);
    if (form === 'name') {
      if (!seen.has(found.resource)) await session.print(`${found.resource}\n`);
      seen.add(found.resource);
    } else if (form === 'value') await session.print(`${nodeText(found)}\n`);
    else {
      const row = [cell(found.resource), nodeName(found), cell(nodeText(found))];
      if (first === undefined) await session.print(tableRows([row], widths, tableWidth(session)));
      else if (first.push(row) === FIRST_ROWS) {
        await flush(first);
        first = undefined;
      }
    }
  }
  if (form !== 'table' || first === undefined) return;
  if (first.length > 0) await flush(first);
  else session.note('nothing was found');
}

function formOf(session: Session) {
  return outputOf(session, ['table', 'xml', 'json', 'yaml', 'name', 'value']);
}

const HEAD = ['RESOURCE', 'NODE', 'VALUE'];

/** The directory's own answer, as it comes. */
async function passOn(
  { client, terminal, print }: Session,
  xpath: string,
  { signal: _, budget, ...question }: AskOptions,
  form: 'xml' | 'json',
): Promise<void> {
  const response = await client.request('/discover', {
    method: 'POST',
    harmless: true,
    headers: { 'Content-Type': 'application/json', Accept: accepting(`application/${form}`) },
    body: JSON.stringify({ xpath, ...question, ...(budget === undefined ? {} : { timeout: budget }) }),
    signal: terminal.interrupted,
  });
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) await print(chunk);
  if (form === 'json') await print('\n');
}

async function explain(session: Session, { plan = [], ...found }: Answer): Promise<void> {
  const rows = plan.map(({ depth, operator, estimated, actual, ms }: PlanLine) => [
    number(estimated),
    number(actual),
    ms === undefined ? '' : ms.toFixed(3),
    '  '.repeat(depth) + operator,
  ]);
  await session.print(table(['ESTIMATED', 'ACTUAL', 'MS', 'OPERATOR'], rows, session.colors.out, tableWidth(session)));
  session.note(found.type === 'nodeset' ? `${found.total} nodes` : `${found.type}: ${String(found.value)}`);
}

function number(value: number | undefined): string {
  return value === undefined ? '' : String(Math.round(value));
}

function scalarText(found: Answer): string {
  return found.type === 'nodeset' ? String(found.total) : String(found.value);
}

function valueText(found: Extract<Found, { kind: 'string' | 'number' | 'boolean' }>): string {
  return String(found.value);
}

/** What is wrong with the expression is shown in it. */
function inExpression(error: unknown, xpath: string): unknown {
  if (!(error instanceof RequestProblem || error instanceof Problem) || error.code !== 'invalid-xpath' || error.violations.length === 0)
    return error;
  return expressionError(xpath, error.violations);
}
