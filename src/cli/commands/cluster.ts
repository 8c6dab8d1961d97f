/** `facetry cluster`: from an implementation to a running cluster, and back. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ClusterState,
  changeCluster,
  clustersOf,
  findClusters,
  holdersOf,
  outputValues,
  release,
  renew,
  type StackRef,
  secretOutputs,
  sweep,
  vouchFor,
} from '../../cluster/index.js';
import { Problem } from '../../model/index.js';
import { needed, ownerOf } from '../clusters/describe.js';
import { makeCluster, reviseCluster } from '../clusters/make-cluster.js';
import { waitFor } from '../clusters/progress.js';
import { shellVariables } from '../clusters/shell-variables.js';
import { vaultOf } from '../clusters/vault-folder.js';
import { clusterOf, heatFor, PATIENCE, ready, waiting } from '../clusters/wait-ready.js';
import { type CommandSpec, wholeOption } from '../command.js';
import { Ended, EXIT, UsageError } from '../exit-code.js';
import { structured } from '../output/structured.js';
import { cell, table } from '../output/table.js';
import { outputOf, tableWidth } from '../output-form.js';
import type { Session } from '../session.js';

type Options = Readonly<Record<string, unknown>>;

export const cluster: CommandSpec = {
  name: 'cluster',
  summary: 'Make, hold, look at and free clusters',
  description:
    'create: a new one, called NAME. acquire: one that is there and fits, or a new one. Both answer when it is ready, and print its id and the lease. update: changes parameters or the implementation of one that runs. release: ends a lease, or with NAME alone all of them. vouch: says that it is as it should be, after its credential was stored anew. What is decided here is carried out by facetry clusters.',
  arguments: [
    {
      form: '<ACTION>',
      about: 'what to do',
      choices: [
        'create',
        'acquire',
        'list',
        'show',
        'wait',
        'update',
        'check',
        'events',
        'outputs',
        'secret',
        'renew',
        'release',
        'vouch',
        'sweep',
      ],
    },
    { form: '[NAME]', about: 'the id of the cluster' },
    { form: '[WHICH]', about: 'renew, release: the lease; secret: the output' },
  ],
  options: [
    ['--implementation <ID>', 'create, acquire, update: what it is made from'],
    ['--credential <ID>', 'create, acquire, sweep: the way into the site'],
    ['--parameter <NAME=VALUE>', 'create, acquire, update: a parameter of the template (repeatable)', { repeatable: true }],
    [
      '--parameter-file <NAME=FILE>',
      'create, acquire, update: a parameter, such as a secret, read from a file (repeatable)',
      { repeatable: true },
    ],
    ['--reuse <RULE>', 'acquire: if-ready or if-any (also while it is being made) (default: if-any)', { choices: ['if-ready', 'if-any'] }],
    ['--max-holders <N>', 'acquire: how many may hold it at once'],
    ['--lease <SECONDS>', 'create, acquire, renew: how long it is held unless renewed (default: a day)'],
    ['--idle <SECONDS>', 'create, acquire: how long it is kept after its last lease'],
    ['--on-failure <POLICY>', 'create, acquire: keep, delete or retry', { choices: ['keep', 'delete', 'retry'] }],
    ['--retries <N>', 'with --on-failure retry: how often (default: 1)'],
    ['--deadline <SECONDS>', 'create, acquire: how long making it may take (default: an hour)'],
    ['--owner <USER>', 'create, acquire, secret: who asks (default: the user of this machine)'],
    ['--idempotency-key <KEY>', 'create, acquire: the same request again gets the same answer'],
    ['--dry-run', 'create, acquire: find everything that would fail, make nothing; update: what the site would do'],
    ['--no-wait', 'create, acquire, update, release: answer at once'],
    ['--env', 'outputs: as variables of a shell'],
    ['--abandon', 'release: if the site cannot free it, tell the site to forget it'],
  ],
  examples: [
    ['facetry cluster create spark-1 --implementation notebook-heat --credential cnaf-ada', 'make one and wait'],
    ['facetry cluster acquire --implementation notebook-heat --credential cnaf-ada', 'use one that is there, if there is'],
    ['facetry cluster update spark-1 --parameter workers=8', 'change it while it runs'],
    ['eval "$(facetry cluster outputs spark-1 --env)"', 'its outputs as shell variables'],
    ['facetry cluster release spark-1', 'free it'],
  ],
  async run(session, [action, name, which], options) {
    if (action === 'list') return await list(session);
    if (action === 'acquire') return await makeCluster(session, undefined, options);
    if (action === 'sweep') return await lookFor(session, options);
    if (name === undefined) throw new UsageError('NAME is missing');
    const id = String(name);
    if (action === 'create') return await makeCluster(session, id, options);
    if (action === 'update') return await reviseCluster(session, id, options);
    if (which === undefined && (action === 'renew' || action === 'secret'))
      throw new UsageError(action === 'renew' ? 'the LEASE is missing' : 'the name of the output is missing');
    if (action === 'renew') {
      const seconds = wholeOption(options, 'lease', 1) ?? 86_400;
      const state = await renew(session.client, id, String(which), seconds);
      return await session.print(`${id} is held until ${state.expiresAt?.toISOString()}\n`);
    }
    if (action === 'release') return await free(session, id, which === undefined ? undefined : String(which), options);
    if (action === 'vouch') {
      await vouchFor(session.client, vaultOf(session, false), id);
      return await session.print(`${id} is vouched for\n`);
    }
    const state = await clusterOf(session, id);
    if (action === 'outputs') return await outputs(session, state, options.env === true);
    if (action === 'secret') return await secret(session, id, state, String(which), ownerOf(session, options));
    if (action === 'check') return await check(session, id, state);
    if (action === 'events') return await events(session, id, state);
    if (action === 'wait') return void (await ready(session, id));
    await session.print(structured(outputOf(session, ['yaml', 'json']), { id, ...state }));
  },
};

async function free(session: Session, id: string, leaseId: string | undefined, options: Options): Promise<void> {
  let state = await release(session.client, id, leaseId, 'released by its holder');
  if (options.abandon === true) state = await changeCluster(session.client, id, (before) => ({ ...before, abandon: true }));
  const held = holdersOf(state).length;
  if (held > 0) return await session.print(`${id} is still held by ${held} others\n`);
  if (options.wait !== false && (state.idleSeconds ?? 0) === 0)
    state = await waitFor(id, ({ status }) => /^(?:released|free-failed)$/.test(status), PATIENCE, await waiting(session, id));
  await session.print(`${id} is ${state.status}\n`);
  if (state.status === 'free-failed') throw new Ended(EXIT.failure);
}

/** The site looks after each resource of the stack; what it finds is then published by whoever keeps clusters. */
async function check(session: Session, id: string, state: ClusterState): Promise<void> {
  const at = stackOf(id, state);
  const heat = await heatFor(session, id, state);
  await heat.act(at, 'check');
  for (;;) {
    const stack = await heat.show(at);
    const status = stack?.stack_status ?? 'DELETE_COMPLETE';
    if (/^CHECK_(?:COMPLETE|FAILED)$|^DELETE/.test(status)) {
      await session.print(`${id}: ${status}${stack?.stack_status_reason === undefined ? '' : `, ${stack.stack_status_reason}`}\n`);
      if (status !== 'CHECK_COMPLETE') throw new Ended(EXIT.failure);
      return;
    }
    await delay(500, undefined, { signal: session.terminal.interrupted });
  }
}

/** What the site has said of the stack, the oldest first. */
async function events(session: Session, id: string, state: ClusterState): Promise<void> {
  const form = outputOf(session, ['table', 'json', 'yaml']);
  const at = stackOf(id, state);
  const said = await (await heatFor(session, id, state)).events(at);
  const rows = said.map((one) => ({
    time: one.event_time,
    status: one.resource_status,
    resource: one.resource_name,
    reason: one.resource_status_reason ?? '',
  }));
  if (form !== 'table') return await session.print(structured(form, rows));
  const cells = rows.map((row) => Object.values(row).map(cell));
  await session.print(table(['time', 'status', 'resource', 'reason'], cells, session.colors.out, tableWidth(session)));
}

function stackOf(id: string, { stackId, stackName, status }: ClusterState): StackRef {
  if (stackId === undefined || stackName === undefined) throw new Problem('conflict', { detail: `${id} is ${status} and has no stack` });
  return { stack_name: stackName, id: stackId };
}

async function outputs(session: Session, state: ClusterState, env: boolean): Promise<void> {
  const values = outputValues(state);
  await session.print(env ? shellVariables(values) : structured(outputOf(session, ['json', 'yaml']), values));
}

async function secret(session: Session, id: string, state: ClusterState, output: string, user: string): Promise<void> {
  const value = (await secretOutputs(session.client, vaultOf(session, false), { id, state }, user))[output];
  if (value === undefined) throw new Problem('not-found', { detail: `${id} has no secret output "${output}"` });
  await session.print(`${value}\n`);
}

async function list(session: Session): Promise<void> {
  const form = outputOf(session, ['table', 'json', 'yaml', 'name']);
  const all = await findClusters(session.client, 'cluster:status');
  const { quota } = session.settings;
  if (quota !== undefined) {
    const owner = ownerOf(session, {});
    session.note(`${owner} has ${await clustersOf(session.client, vaultOf(session, false), owner)} of at most ${quota}`);
  }
  const rows = all.map(({ id, state }) => ({
    id,
    status: state.status,
    site: state.siteRef,
    implementation: state.implementationRef,
    holders: String(holdersOf(state).length),
    reason: cell(state.reason ?? state.freeReason ?? ''),
  }));
  if (form === 'name') return await session.print(rows.map(({ id }) => `${id}\n`).join(''));
  if (form !== 'table') return await session.print(structured(form, rows));
  const head = ['id', 'status', 'site', 'implementation', 'holders', 'reason'];
  await session.print(
    table(
      head,
      rows.map((row) => Object.values(row)),
      session.colors.out,
      tableWidth(session),
    ),
  );
}

async function lookFor(session: Session, options: Options): Promise<void> {
  const form = outputOf(session, ['table', 'json', 'yaml']);
  const found = await sweep(session.client, vaultOf(session, false), needed(options, 'credential'));
  const rows = found.map(({ what, name, detail }) => [what, name, detail]);
  await session.print(form === 'table' ? table(['what', 'name', 'detail'], rows, session.colors.out) : structured(form, found));
  if (found.length > 0) throw new Ended(EXIT.failure);
}
