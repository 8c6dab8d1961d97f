/** `facetry cluster create`, `acquire` and `update`: what the command line asks for, and what comes of it. */
import { acquire, type OnFailure, preflight, type Reuse, readBlueprint, type StackChanges, updateCluster } from '../../cluster/index.js';
import { wholeOption } from '../command.js';
import { Ended, EXIT, UsageError } from '../exit-code.js';
import { inputFiles, readInput } from '../input.js';
import { structured } from '../output/structured.js';
import { cell, table } from '../output/table.js';
import { outputOf } from '../output-form.js';
import type { Session } from '../session.js';
import { needed, ownerOf, pairs, texts } from './describe.js';
import { vaultOf } from './vault-folder.js';
import { clusterOf, ready } from './wait-ready.js';

type Options = Readonly<Record<string, unknown>>;

/** A new one with that id; with `id` undefined, one that is there and fits, or a new one. */
export async function makeCluster(session: Session, id: string | undefined, options: Options): Promise<void> {
  const { client, settings } = session;
  const form = outputOf(session, ['table', 'json', 'yaml', 'name']);
  const vault = vaultOf(session, false);
  const implementation = needed(options, 'implementation');
  const number = (option: string, key: string) => {
    const value = wholeOption({ [option]: options[option.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())] }, option);
    return value === undefined ? {} : { [key]: value };
  };
  const request = {
    implementation,
    credential: needed(options, 'credential'),
    owner: ownerOf(session, options),
    parameters: await parametersFrom(session, implementation, options),
    ...(id === undefined ? { reuse: (options.reuse ?? 'if-any') as Reuse } : { id }),
    ...number('max-holders', 'maxHolders'),
    ...number('lease', 'leaseSeconds'),
    ...number('idle', 'idleSeconds'),
    ...number('retries', 'retries'),
    ...number('deadline', 'timeoutSeconds'),
    ...(settings.quota === undefined ? {} : { quota: settings.quota }),
    ...(options.onFailure === undefined ? {} : { onFailure: options.onFailure as OnFailure }),
    ...(options.idempotencyKey === undefined ? {} : { idempotencyKey: String(options.idempotencyKey) }),
  };
  if (options.dryRun === true) return await showFindings(session, await preflight(client, vault, request));
  const got = await acquire(client, vault, request);
  for (const other of got.others) session.note(`${other.id} does not fit: ${other.why}`);
  session.note(`${got.id} ${got.outcome}, lease ${got.leaseId}`);
  const state = options.wait === false ? got.state : await ready(session, got.id, true);
  if (form === 'name') return await session.print(`${got.id}\n`);
  const answer = { id: got.id, leaseId: got.leaseId, outcome: got.outcome, status: state.status };
  if (form !== 'table') return await session.print(structured(form, answer));
  await session.print(table(Object.keys(answer), [Object.values(answer)], session.colors.out));
}

/** Other parameters, or another implementation; what the site would refuse is refused before anything changes. */
export async function reviseCluster(session: Session, id: string, options: Options): Promise<void> {
  const form = outputOf(session, ['table', 'json', 'yaml', 'name']);
  const before = await clusterOf(session, id);
  const parameters = await parametersFrom(session, String(options.implementation ?? before.implementationRef), options);
  const implementation = options.implementation as string | undefined;
  if (implementation === undefined && Object.keys(parameters).length === 0)
    throw new UsageError('nothing is to be changed', 'name an --implementation, a --parameter or a --parameter-file');
  const dryRun = options.dryRun === true;
  const request = { parameters, ...(implementation === undefined ? {} : { implementation }) };
  const { outcome, changes } = await updateCluster(session.client, vaultOf(session, false), id, request, { dryRun });
  if (form === 'table') for (const line of changeLines(changes)) session.note(line);
  if (!dryRun && outcome === 'updating' && options.wait !== false) await ready(session, id, true);
  if (form === 'name') return await session.print(`${id}\n`);
  if (form !== 'table') return await session.print(structured(form, { id, outcome, ...(dryRun ? { dryRun } : {}), changes }));
  const done = {
    unchanged: 'is so already',
    updating: dryRun ? 'would be changed' : options.wait === false ? 'is updating' : 'is changed',
  };
  await session.print(`${id} ${done[outcome]}\n`);
}

function changeLines(changes: StackChanges): readonly string[] {
  return Object.entries(changes).flatMap(([kind, names]: readonly [string, readonly string[]]) =>
    names.map((name) => `  ${kind.padEnd(10)} ${name}`),
  );
}

/** Secrets come from files: everybody on the machine can read arguments. */
async function parametersFrom(session: Session, implementation: string, options: Options): Promise<Readonly<Record<string, string>>> {
  const open = pairs('parameter', texts(options.parameter));
  const { secretParameters } = await readBlueprint(session.client, implementation);
  const shown = Object.keys(open).filter((one) => secretParameters.includes(one));
  if (shown.length > 0)
    throw new UsageError(
      `${shown.join(', ')} is a secret, and everybody on the machine can read arguments`,
      'give it as --parameter-file NAME=FILE',
    );
  const files = Object.entries(pairs('parameter-file', texts(options.parameterFile)));
  return { ...open, ...Object.fromEntries(await Promise.all(files.map((one) => fileParameter(session, one)))) };
}

async function fileParameter({ terminal }: Session, [name, file]: readonly [string, string]): Promise<readonly [string, string]> {
  const [input] = inputFiles([file], terminal);
  return [name, input === undefined ? '' : (await readInput(input, terminal)).toString('utf8').replace(/\n$/, '')];
}

async function showFindings(session: Session, findings: Awaited<ReturnType<typeof preflight>>): Promise<void> {
  const form = outputOf(session, ['table', 'json', 'yaml']);
  const rows = findings.map(({ what, ok, detail }) => [ok ? 'ok' : 'WRONG', what, cell(detail)]);
  await session.print(form === 'table' ? table(['', 'what', 'detail'], rows, session.colors.out) : structured(form, findings));
  if (findings.some(({ ok }) => !ok)) throw new Ended(EXIT.failure);
}
