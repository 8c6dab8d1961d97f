/** What a keeper would publish, without publishing it: every delegate is asked once. */
import type { Client } from '../client/index.js';
import type { XmlReader } from '../xml/index.js';
import { createCollector } from './collect/index.js';
import { type Composition, compose, type Refusal } from './compose/index.js';
import type { KeeperConfig } from './config/index.js';
import { discoverDelegates } from './found/index.js';
import type { Discovery, FoundDelegate } from './found-delegate.js';
import { documentOf } from './publish/index.js';
import { adopt } from './run/adopt.js';
import { ask } from './run/ask.js';
import { createRows } from './run/rows.js';
import { surroundingsOf } from './run/surroundings.js';
import { refreshSchemas } from './schemas.js';
import { type LastRun, type ResourceState, type TaskState, type Wanted, wantedOf } from './state.js';

export interface PlannedFacet {
  readonly delegate: Pick<FoundDelegate, 'name' | 'version' | 'kind' | 'path'>;
  /** the entry in the keeper's file */
  readonly file: string;
  readonly line: number;
  readonly run: LastRun;
  /** `Q{namespace}local`; none when it failed or has nothing to say */
  readonly facets: readonly string[];
}

export interface PlannedResource {
  readonly id: string;
  /** the document as it would be published; undefined: it would not be */
  readonly document: string | undefined;
  readonly facets: readonly PlannedFacet[];
  /** what would change in the directory, as a unified diff, '' for nothing; undefined: it cannot be told, see `undecided` */
  readonly diff: string | undefined;
  /** the directory has no resource of this id that the caller may see */
  readonly isNew: boolean;
  readonly undecided?: string;
}

export interface Preview {
  readonly discovery: Discovery;
  readonly composition: Composition;
  readonly resources: readonly PlannedResource[];
}

export async function preview(
  config: KeeperConfig,
  client: Client,
  reader: XmlReader,
  onDiagnostics: (delegate: string, text: string) => void,
  onAsked: (resource: string) => void,
): Promise<Preview> {
  await refreshSchemas(client, reader, new Map());
  const discovery = await discoverDelegates(config.delegates);
  const collector = createCollector(config.parallel, onDiagnostics);
  const surroundings = surroundingsOf(config);
  const unlisted: Refusal[] = [];
  try {
    const rows = createRows(config, collector, surroundings, (event) => {
      const resource = event.kind === 'listed' ? config.resources.find(({ id }) => id === event.resource) : undefined;
      if (event.kind === 'listed' && event.error !== undefined && resource !== undefined)
        unlisted.push({ resource: event.resource, delegate: event.delegate, why: event.error, place: resource.place });
    });
    await rows.ask(discovery.delegates, Date.now());
    const composed = compose(config, discovery.delegates, rows.of);
    const composition = { ...composed, refusals: [...composed.refusals, ...unlisted] };
    const resources = new Map<string, ResourceState>();
    adopt(resources, composition, discovery.delegates, new Map(), 0);
    const asking = { collector, reader, surroundings, now: Date.now };
    const planned: PlannedResource[] = [];
    for (const resource of resources.values()) {
      for (const state of resource.tasks.values()) await once(resource, state);
      onAsked(resource.plan.id);
      planned.push(await plannedOf(client, config.name, resource));
    }
    return { discovery, composition, resources: planned };

    async function once(resource: ResourceState, state: TaskState): Promise<void> {
      if (state.last !== undefined) return;
      for (const name of state.task.after) {
        const provider = resource.tasks.get(name);
        if (provider !== undefined) await once(resource, provider);
      }
      await ask(asking, resource, state);
    }
  } finally {
    await collector.close();
  }
}

async function plannedOf(client: Client, manager: string, resource: ResourceState): Promise<PlannedResource> {
  const facets = [...resource.tasks.values()].map(({ task, last, good }): PlannedFacet => {
    const { name, version, kind, path } = task.delegate;
    return {
      delegate: { name, ...(version === undefined ? {} : { version }), kind, path },
      ...task.entry.place,
      run: last as LastRun,
      facets: good?.facets.map(({ key }) => key) ?? [],
    };
  });
  const { id } = resource.plan;
  const wanted = [...(wantedOf(resource, Date.now())?.values() ?? [])];
  if (wanted.length === 0)
    return { id, document: undefined, facets, isNew: false, diff: undefined, undecided: 'there is no facet to publish' };
  const document = documentOf(resource.plan, wanted);
  try {
    return { id, document, facets, ...(await difference(client, manager, resource, wanted, document)) };
  } catch (error) {
    return { id, document, facets, isNew: false, diff: undefined, undecided: (error as Error).message };
  }
}

/** Asked of the directory itself, facet by facet as a keeper writes them: others' facets are left alone. */
async function difference(
  client: Client,
  manager: string,
  resource: ResourceState,
  wanted: readonly Wanted[],
  document: string,
): Promise<Pick<PlannedResource, 'diff' | 'isNew'>> {
  const { id } = resource.plan;
  if ((await client.get(id)) === undefined) {
    const { diff = '' } = await client.put(id, document, { ifAbsent: true, manager, dryRun: true });
    return { isNew: true, diff };
  }
  const diffs: string[] = [];
  for (const { facet } of wanted) diffs.push((await client.putFacet(id, facet.key, facet.xml, { manager, dryRun: true })).diff ?? '');
  return { isNew: false, diff: diffs.filter((diff) => diff !== '').join('') };
}
