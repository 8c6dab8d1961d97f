/** `facetry interfaces`: the registry of interfaces. */
import type { InterfaceCheck, InterfaceSummary, InterfaceViolations } from '../../client/index.js';
import { Problem } from '../../model/index.js';
import type { CommandSpec } from '../command.js';
import { confirm } from '../confirm.js';
import { Ended, EXIT, UsageError } from '../exit-code.js';
import { findInterface } from '../interfaces/find.js';
import { type InterfaceFile, readInterfaceFile } from '../interfaces/read-interface-file.js';
import { typesOf } from '../interfaces/types.js';
import { FileError } from '../output/file-error.js';
import { printPublished } from '../output/published.js';
import { structured } from '../output/structured.js';
import { cell, table } from '../output/table.js';
import { outputOf, tableWidth } from '../output-form.js';
import type { Session } from '../session.js';
import { WRITE_OPTIONS, writeOptionsOf } from '../write-options.js';

type Options = Readonly<Record<string, unknown>>;

const ACTIONS = ['list', 'show', 'add', 'remove', 'check', 'violations', 'types'] as const;

export const interfaces: CommandSpec = {
  name: 'interfaces',
  summary: 'List, read, register, check and remove facet interfaces, or make types of them',
  description:
    'NAME is a prefix or a namespace. add and check take an XML Schema, or an interface facet that holds one. What is registered holds for everybody who publishes.\ncheck: exit code 1 when the change is not compatible. types: TypeScript of all interfaces, or of those named.',
  arguments: [
    { form: '[ACTION]', about: 'what to do (default: list)', choices: ACTIONS },
    { form: '[NAME...]', about: 'show, remove, violations, types: NAME; add, check: a file, - for standard input' },
  ],
  options: [
    ['-y, --yes', 'remove: do not ask'],
    ['--limit <N>', 'check, violations: list so many resources'],
    ['--if-match <ETAG>', 'add, remove: only if the schema still has this entity tag'],
    ...WRITE_OPTIONS.filter(([flags]) => !flags.startsWith('--ttl')),
  ],
  examples: [
    ['facetry interfaces', 'prefixes, namespaces and elements'],
    ['facetry interfaces show host > host.xsd', 'one schema'],
    ['facetry interfaces check gpu.xsd', 'what would become invalid?'],
    ['facetry interfaces add gpu.xsd --scope /infra', 'register it, by a resource in that scope'],
    ['facetry interfaces types > types.ts', 'types, readers and writers for programs'],
  ],
  async run(session, args, options) {
    const action = args.find((arg) => typeof arg === 'string') ?? 'list';
    const names = args.find((arg): arg is readonly string[] => typeof arg !== 'string') ?? [];
    const [first] = names;
    if (names.length > 1 && action !== 'types') throw new UsageError(`interfaces ${action} takes one name`);
    switch (action as (typeof ACTIONS)[number]) {
      case 'list':
        return await listAll(session);
      case 'show':
        return await show(session, required(first));
      case 'add':
        return await add(session, first, options);
      case 'remove':
        return await remove(session, required(first), options);
      case 'check':
        return await check(session, first, options);
      case 'violations':
        return await violations(session, required(first), options);
      default:
        return await session.print(await typesOf(session, names));
    }
  },
};

function required(name: string | undefined): string {
  if (name === undefined) throw new UsageError('the name of an interface is missing', 'facetry interfaces lists them');
  return name;
}

async function listAll(session: Session): Promise<void> {
  const { client, terminal, print } = session;
  const all = await client.interfaces({ signal: terminal.interrupted });
  const form = outputOf(session, ['table', 'json', 'yaml', 'name', 'value']);
  if (form === 'json' || form === 'yaml') await print(structured(form, { items: all }));
  else if (form === 'table') {
    const rows = all.map((one) => [one.prefix, one.ns, one.elements.join(','), statusOf(one), cell(one.documentation ?? '')]);
    await print(table(['PREFIX', 'NAMESPACE', 'ELEMENTS', 'STATUS', 'DOCUMENTATION'], rows, session.colors.out, tableWidth(session)));
  } else for (const { ns } of all) await print(`${ns}\n`);
}

function statusOf({ origin, status, version, inForce }: InterfaceSummary): string {
  if (origin === 'shipped') return 'shipped';
  const said = status === undefined ? 'registered' : `${status} ${version ?? ''}`.trim();
  return inForce || status === 'retired' ? said : `${said}, unusable`;
}

async function show(session: Session, name: string): Promise<void> {
  const { client, terminal, print } = session;
  const signal = terminal.interrupted;
  const form = outputOf(session, ['xml', 'json', 'yaml', 'name', 'value']);
  const { ns } = await findInterface(client, name, signal);
  if (form === 'name') return await print(`${ns}\n`);
  const found = await client.interface(ns, { signal });
  if (found === undefined) throw new Problem('not-found', { detail: `there is no interface "${name}"` });
  if (form === 'json' || form === 'yaml') return await print(structured(form, found));
  await print(found.schema.endsWith('\n') ? found.schema : `${found.schema}\n`);
}

/** Places in a schema are shown in the file it came from. */
async function withFile<T>({ schema, label, text }: InterfaceFile, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (!schema || !(error instanceof Problem) || error.code !== 'invalid-schema' || error.violations.length === 0) throw error;
    throw new FileError(label, text, error.violations, EXIT.invalid);
  });
}

async function add(session: Session, name: string | undefined, options: Options): Promise<void> {
  const form = outputOf(session, ['table', 'json', 'yaml', 'name', 'value']);
  const file = await readInterfaceFile(session, name);
  const write = writeOptionsOf(options, session.terminal);
  const done = await withFile(file, session.client.putInterface(file.ns, file.bytes, write));
  await printPublished(session, form, file.ns, done, write.dryRun === true);
}

async function remove(session: Session, name: string, options: Options): Promise<void> {
  const { client, terminal } = session;
  const { ns } = await findInterface(client, name, terminal.interrupted);
  const write = writeOptionsOf(options, terminal);
  if (options.yes !== true && write.dryRun !== true) {
    const used = (await client.interface(ns, { signal: terminal.interrupted }))?.resources ?? 0;
    if (!(await confirm(`Remove the interface ${ns}? Facets of ${counted(used)} will no longer be checked.`, terminal))) {
      session.note('nothing was removed');
      throw new Ended(EXIT.failure);
    }
  }
  if (!(await client.removeInterface(ns, write))) throw new Problem('not-found', { detail: `there is no interface "${name}"` });
  await session.print(`${ns} ${write.dryRun === true ? 'would be removed' : 'removed'}\n`);
}

async function check(session: Session, name: string | undefined, options: Options): Promise<void> {
  const form = outputOf(session, ['table', 'json', 'yaml']);
  const file = await readInterfaceFile(session, name);
  const found = await withFile(file, session.client.checkInterface(file.ns, file.bytes, asked(session, options)));
  if (form !== 'table') await session.print(structured(form, found));
  else await session.print(`${checkText(found)}${invalidTable(session, found)}`);
  if (found.kind === 'incompatible') throw new Ended(EXIT.failure);
}

function checkText({ ns, kind, changes, resources, invalid }: InterfaceCheck): string {
  const lines = changes.map(({ path, what, compatible }) => `  ${compatible ? '+' : '!'} ${path}: ${what}`);
  const sense =
    kind === 'incompatible'
      ? 'incompatible: such a change belongs into a new namespace'
      : kind === 'new'
        ? 'new'
        : `${kind} with what is registered`;
  return `${[`${ns}: ${kind === 'identical' ? 'identical to what is registered' : sense}`, ...lines, `${invalid} of ${counted(resources)} would be invalid`].join('\n')}\n`;
}

async function violations(session: Session, name: string, options: Options): Promise<void> {
  const form = outputOf(session, ['table', 'json', 'yaml', 'name']);
  const { ns } = await findInterface(session.client, name, session.terminal.interrupted);
  const found = await session.client.interfaceViolations(ns, asked(session, options));
  if (form === 'json' || form === 'yaml') await session.print(structured(form, found));
  else if (form === 'name') for (const { id } of found.listed) await session.print(`${id}\n`);
  else
    await session.print(
      `${found.invalid} of ${counted(found.resources)} ${found.resources === 1 ? 'is' : 'are'} not valid\n${invalidTable(session, found)}`,
    );
}

function counted(resources: number): string {
  return `${resources} ${resources === 1 ? 'resource' : 'resources'}`;
}

function asked({ terminal }: Session, { limit }: Options) {
  if (limit !== undefined && !/^\d{1,4}$/.test(String(limit))) throw new UsageError('--limit must be a whole number up to 1000');
  return { signal: terminal.interrupted, ...(limit === undefined ? {} : { limit: Number(limit) }) };
}

function invalidTable(session: Session, { listed }: InterfaceViolations): string {
  if (listed.length === 0) return '';
  const rows = listed.map(({ id, owners, violation }) => [id, owners.join(',') || '-', violation.path ?? '', cell(violation.message)]);
  return table(['RESOURCE', 'OWNER', 'PATH', 'VIOLATION'], rows, session.colors.out, tableWidth(session));
}
