/**
 * The interface registry: which schemas are in force. It follows commits as the columns do, so a registration by this process, by
 * another one and before a restart are the same thing; and it stands before the store, so that a commit of this process that changes
 * interfaces is made only when its schemas compile, and acknowledged only when they are in force.
 *
 *     change → entries → schemas → compiled beside those in force → commit → they take over → acknowledged
 *
 * Documents being read meanwhile are read under the old schemas: there is never a moment without any.
 */
import { type Change, type Commit, Problem } from '../../model/index.js';
import type { Store } from '../../store/index.js';
import type { PreparedSchemas, Schema, XmlReader } from '../../xml/index.js';
import type { DirectoryEvent } from '../events.js';
import { type SchemaSet, schemaSet } from '../interfaces.js';
import type { Live } from '../live.js';
import { afterCommit, type Entries, type Entry, entryOf, inForce, NEW, sameSchemas, schemasOf } from './entries.js';
import { mayHoldInterface } from './interface-facet.js';
import { registeredNow } from './registered-now.js';

export interface Registry {
  /** what is in force */
  readonly set: SchemaSet;
  /** namespace → the resource that registers it, whoever may see that */
  readonly registered: ReadonlyMap<string, Entry>;
  /** namespaces that come with the directory */
  readonly shipped: ReadonlySet<string>;
  /** The store for writers: interfaces that cannot be in force are not written. Rejects with `invalid-schema` or `conflict` then. */
  readonly store: Store;
  /** Would `store` refuse these changes? Rejects as it would, and changes nothing. */
  try(changes: readonly Change[]): Promise<void>;
  close(): void;
}

export interface RegistryOptions {
  readonly live: Live;
  readonly xml: XmlReader;
  readonly store: Store;
  /** schemas that `xml` has been given: they are registered until a resource says otherwise */
  readonly shipped: readonly Schema[];
  readonly onEvent: (event: DirectoryEvent) => void;
}

/** Resolves when the interfaces that the store holds are in force. */
export async function openRegistry({ live, xml, store, onEvent, ...options }: RegistryOptions): Promise<Registry> {
  const shipped = options.shipped.map((schema, k): Schema => {
    const ns = schema.ns ?? xml.report.interfaces[k]?.ns;
    return ns === undefined ? schema : { ...schema, ns };
  });
  let entries: Entries = registeredNow(live);
  let set = schemaSet(shipped, xml.report);
  /** what the commit being written will bring about */
  let expected: { readonly schemas: readonly Schema[]; readonly prepared: PreparedSchemas | undefined } | undefined;
  /** registered, and not usable with the others when they were last tried */
  let unusable: ReadonlySet<Entry> = new Set();
  let turn: Promise<unknown> = Promise.resolve();

  /** One change of the registry at a time. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  }

  function usableOf(all: Entries): Entries {
    return unusable.size === 0 ? all : new Map([...all].filter(([, entry]) => !unusable.has(entry)));
  }

  function install(schemas: readonly Schema[], prepared: PreparedSchemas): void {
    prepared.install();
    set = schemaSet(schemas, prepared.report, set.number + 1);
  }

  function onCommit(commit: Commit): void {
    const next = afterCommit(entries, commit);
    if (next === entries) return;
    entries = next;
    const wanted = schemasOf(shipped, usableOf(entries));
    if (expected?.prepared !== undefined && sameSchemas(wanted, expected.schemas)) {
      install(expected.schemas, expected.prepared);
      expected = undefined;
    }
    // Written by somebody else: it is true already, so it comes into force as soon as it can.
    if (!sameSchemas(wanted, set.schemas) && expected === undefined) void inTurn(catchUp);
  }

  /** Brings into force what the entries say, as far as it compiles: what cannot be used is left out, and told of. */
  async function catchUp(): Promise<void> {
    const usable = new Map(entries);
    const left: Entry[] = [];
    for (;;) {
      const wanted = schemasOf(shipped, usable);
      try {
        if (!sameSchemas(wanted, set.schemas)) install(wanted, await xml.prepare(wanted));
        unusable = new Set(left);
        return;
      } catch (error) {
        // The last one, where nobody is named: it is the newest.
        const tried = [...inForce(usable).values()];
        const guilty = tried.find(({ facet }) => facet.namespace === blamed(error)) ?? tried.at(-1);
        onEvent({ kind: 'interfaces-unusable', ...(guilty === undefined ? {} : { ns: guilty.facet.namespace }), error });
        if (guilty === undefined) return;
        usable.delete(guilty.key);
        left.push(guilty);
      }
    }
  }

  function isAboutInterfaces(changes: readonly Change[]): boolean {
    return changes.some((change) => entries.has(change.id) || (change.kind === 'put' && mayHoldInterface(change.xml)));
  }

  /** Compiles what these changes lead to; undefined: what is in force. */
  async function prepare(changes: readonly Change[], wanted: readonly Schema[]): Promise<PreparedSchemas | undefined> {
    if (sameSchemas(wanted, set.schemas)) return undefined;
    const prepared = await xml.prepare(wanted);
    try {
      requireElements(changes, prepared);
      return prepared;
    } catch (error) {
      prepared.discard();
      throw error;
    }
  }

  async function write(changes: readonly Change[]): ReturnType<Store['write']> {
    if (!isAboutInterfaces(changes)) return store.write(changes);
    return inTurn(async () => {
      const wanted = plan(changes);
      const prepared = await prepare(changes, wanted);
      try {
        expected = { schemas: wanted, prepared };
        const written = await store.write(changes);
        if (!written.ok) return written;
        await live.reached(written.revision);
        expected = undefined;
        // Somebody else's commit may have come between.
        await catchUp();
        return written;
      } finally {
        expected = undefined;
        if (prepared !== undefined && set.schemas !== wanted) prepared.discard();
      }
    });
  }

  /** The schemas that these changes lead to. */
  function plan(changes: readonly Change[]): readonly Schema[] {
    const next = new Map(usableOf(entries));
    for (const change of changes) {
      const order = entries.get(change.id)?.order ?? NEW;
      const entry = change.kind === 'put' ? entryOf(change.id, change.xml, order) : undefined;
      if (entry === undefined) next.delete(change.id);
      else {
        refuseTwice(next, entry);
        next.set(change.id, entry);
      }
    }
    const wanted = schemasOf(shipped, next);
    refuseMissing(set, wanted);
    return wanted;
  }

  const unsubscribe = live.subscribe(onCommit);
  await inTurn(catchUp);

  return {
    get set() {
      return set;
    },
    get registered() {
      return inForce(entries);
    },
    shipped: new Set(shipped.map(({ ns }) => ns as string)),
    store: withWrite(store, write),
    async try(changes) {
      if (isAboutInterfaces(changes)) (await prepare(changes, plan(changes)))?.discard();
    },
    close: unsubscribe,
  };
}

/** The same store, written through another door. */
function withWrite(store: Store, write: Store['write']): Store {
  return new Proxy(store, {
    get(target, name) {
      const value = name === 'write' ? write : (Reflect.get(target, name, target) as unknown);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** The namespace whose schema does not compile. */
function blamed(error: unknown): string | undefined {
  return error instanceof Problem ? /^the schema of "([^"]*)"/.exec(error.message)?.[1] : undefined;
}

function refuseTwice(entries: Entries, { key, facet }: Entry): void {
  const other = [...entries.values()].find((entry) => entry.key !== key && entry.facet.namespace === facet.namespace);
  if (other === undefined) return;
  throw new Problem('conflict', {
    detail: `the namespace "${facet.namespace}" is registered by another resource`,
    hint: 'one namespace has one interface: change that one, or use a namespace of your own',
  });
}

/** What others import must stay. */
function refuseMissing(set: SchemaSet, wanted: readonly Schema[]): void {
  const left = new Set(wanted.map(({ ns }) => ns));
  for (const { ns } of set.summaries) {
    if (left.has(ns)) continue;
    const users = set.summaries.filter((other) => left.has(other.ns) && set.imports(other.ns).includes(ns)).map((other) => other.ns);
    if (users.length === 0) continue;
    throw new Problem('conflict', {
      detail: `the interface "${ns}" is imported by ${users.map((user) => `"${user}"`).join(', ')}`,
      hint: 'remove or change those first',
    });
  }
}

/** The element that an interface says is the facet must be there. */
function requireElements(changes: readonly Change[], { report }: PreparedSchemas): void {
  for (const change of changes) {
    const facet = change.kind === 'put' ? entryOf(change.id, change.xml, NEW)?.facet : undefined;
    const declared = report.interfaces.find(({ ns }) => ns === facet?.namespace);
    if (facet?.localName === undefined || declared === undefined || declared.elements.includes(facet.localName)) continue;
    throw new Problem('invalid-schema', {
      detail: `the schema of "${facet.namespace}" declares no element "${facet.localName}"`,
      hint: `its global elements: ${declared.elements.join(', ') || 'none'}`,
    });
  }
}
