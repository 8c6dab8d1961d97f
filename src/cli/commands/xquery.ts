/** `facetry xquery`: a report over the documents in the XML database under the directory. */
import { accepting } from '../../client/index.js';
import { namespacesOf } from '../bindings.js';
import { type CommandSpec, wholeOption } from '../command.js';
import { UsageError } from '../exit-code.js';
import { inputFiles, readInput } from '../input.js';
import { outputOf } from '../output-form.js';
import type { Session } from '../session.js';

const TYPES = { xml: 'application/xml', json: 'application/json', value: 'text/plain' } as const;

export const xquery: CommandSpec = {
  name: 'xquery',
  summary: 'Run an XQuery report, where the store is in BaseX',
  description:
    'XQuery 3.1; $resources holds the documents of all resources that you see. The prefixes of registered interfaces are bound, and r for resources. Needs the role analyst.',
  arguments: [{ form: '[XQUERY]', about: 'the query' }],
  options: [
    ['-f, --file <FILE>', 'read the query from a file, or from - (standard input)'],
    ['--ns <PREFIX=URI>', 'bind a prefix (repeatable)', { repeatable: true }],
    ['--budget <MS>', 'milliseconds the evaluation may take'],
  ],
  examples: [
    ["facetry xquery 'for $r in $resources order by $r//host:hostname return $r//host:hostname'", 'nodes'],
    ['facetry xquery -f report.xq -o json', 'a value, such as a map, as JSON'],
    ["facetry xquery 'count($resources)' -o value", 'texts'],
  ],
  async run(session, [given], options) {
    const form = outputOf(session, ['xml', 'json', 'value']) as keyof typeof TYPES;
    const budget = options.budget === undefined ? undefined : wholeOption(options, 'budget', 1);
    const asked = {
      xquery: await queryOf(session, given as string | undefined, options.file as string | undefined),
      namespaces: namespacesOf(options),
      ...(budget === undefined ? {} : { timeout: budget }),
    };
    const response = await session.client.request('/xquery', {
      method: 'POST',
      harmless: true,
      headers: { 'Content-Type': 'application/json', Accept: accepting(TYPES[form]) },
      body: JSON.stringify(asked),
      signal: session.terminal.interrupted,
    });
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) await session.print(chunk);
    await session.print('\n');
  },
};

async function queryOf({ terminal }: Session, given: string | undefined, file: string | undefined): Promise<string> {
  if ((given === undefined) === (file === undefined))
    throw new UsageError(given === undefined ? 'there is no query' : 'there are two queries', 'give the query, or its file with -f');
  if (file === undefined) return given as string;
  const [input] = inputFiles([file], terminal);
  if (input === undefined) throw new UsageError(`there is no file ${file}`);
  return (await readInput(input, terminal)).toString('utf8');
}
