/** `facetry watch`: what an XPath selects, and what changes in that, until it is interrupted. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { RequestProblem, type WatchEvent } from '../../client/index.js';
import { BINDING_OPTIONS, namespacesOf, variablesOf } from '../bindings.js';
import { type CommandSpec, wholeOption } from '../command.js';
import { expressionError } from '../output/expression-error.js';
import { nodeText } from '../output/found-node.js';
import { cell } from '../output/table.js';
import { outputOf } from '../output-form.js';
import type { Session } from '../session.js';

export const watch: CommandSpec = {
  name: 'watch',
  summary: 'Watch what an XPath selects',
  description:
    'Prints what is selected now (enter), then what changes in that: enter, update, leave. A lost connection is opened again where it broke. With --exec, the command runs in a shell once per event, one after the other, with the event as JSON on standard input and FACETRY_EVENT, FACETRY_RESOURCE and FACETRY_CURSOR in its environment.',
  arguments: [{ form: '<XPATH>', about: 'the expression' }],
  options: [
    ...BINDING_OPTIONS,
    ['--cursor <CURSOR>', 'go on after the event that had this cursor (-o json shows it)'],
    ['--exec <CMD>', 'run this for each event'],
    ['--limit <N>', 'end after so many events'],
  ],
  examples: [
    ["facetry watch '//host:host[host:memoryMb > 65536]/host:hostname'", 'hosts with much memory, as they come and go'],
    ["facetry watch 'count(/r:resource)'", 'a number, whenever it changes'],
    ["facetry watch '//cluster:status' --exec ./notify.sh", 'a command for each change'],
  ],
  async run(session, [xpath], options) {
    const form = outputOf(session, ['table', 'json', 'name', 'value']);
    const limit = wholeOption(options, 'limit', 1) ?? Number.POSITIVE_INFINITY;
    const ended = new AbortController();
    let lost = false;
    const events = session.client.watch(xpath as string, {
      namespaces: namespacesOf(options),
      variables: variablesOf(options),
      ...(options.cursor === undefined ? {} : { cursor: String(options.cursor) }),
      signal: AbortSignal.any([session.terminal.interrupted, ended.signal]),
      onLost: (error) => {
        if (!lost) session.note(`the connection was lost (${(error as Error).message}); going on where it broke …`);
        lost = true;
      },
    });
    let seen = 0;
    try {
      for await (const event of events) {
        lost = false;
        if (event.kind === 'ready') continue;
        if (event.kind === 'gap') session.note(`there is a gap (${event.reason}): everything follows anew`);
        if (options.exec !== undefined) await run(session, String(options.exec), event);
        else await session.print(line(form, event));
        if (event.kind !== 'gap' && ++seen >= limit) return;
      }
    } catch (error) {
      if (error instanceof RequestProblem && error.code === 'invalid-xpath' && error.violations.length > 0)
        throw expressionError(xpath as string, error.violations);
      throw error;
    } finally {
      ended.abort();
    }
  },
};

type Told = Exclude<WatchEvent, { kind: 'ready' }>;

function line(form: string, event: Told): string {
  if (form === 'json') return `${JSON.stringify(event)}\n`;
  if (event.kind === 'gap') return '';
  if (event.kind === 'value') return `${String(event.value)}\n`;
  const text = event.kind === 'leave' ? '' : event.items.map(nodeText).join(' | ');
  if (form === 'name') return `${event.resource}\n`;
  if (form === 'value') return event.kind === 'leave' ? '' : `${text}\n`;
  return `${event.kind.padEnd(6)}   ${cell(event.resource)}   ${cell(text)}`.trimEnd().concat('\n');
}

async function run({ terminal, say }: Session, command: string, event: Told): Promise<void> {
  const { kind } = event;
  const child = spawn(command, {
    shell: true,
    cwd: terminal.cwd,
    env: {
      ...terminal.env,
      FACETRY_EVENT: kind,
      FACETRY_RESOURCE: 'resource' in event ? event.resource : '',
      FACETRY_CURSOR: 'cursor' in event ? event.cursor : '',
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (bytes) => terminal.stdout.write(bytes));
  child.stderr.on('data', (bytes) => terminal.stderr.write(bytes));
  // A command that does not read its input is none of our business.
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${JSON.stringify(event)}\n`);
  const [code, signal] = await once(child, 'close');
  if (code !== 0) say(`${command}: ${signal === null ? `exit code ${code}` : String(signal)} (${kind})`);
}
