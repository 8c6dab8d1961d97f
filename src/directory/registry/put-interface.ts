/** Interfaces by their namespaces: views on the resources that register them. */
import {
  INTERFACE,
  type InterfaceFacet,
  type Notice,
  nameKey,
  Problem,
  RESOURCE_NS,
  type ResourceId,
  type Scope,
} from '../../model/index.js';
import { escapeText, partsOf } from '../../xml/index.js';
import { currentOf, facetXml } from '../current.js';
import type { Caller, InterfaceWriteOptions, Published } from '../directory.js';
import { edit } from '../edit.js';
import { etagOf } from '../etag.js';
import { checkTags, publish } from '../publish.js';
import { remove } from '../remove.js';
import { requireRegistrar } from '../rights.js';
import type { Rooms } from '../rooms.js';
import { candidateOf } from './candidate.js';
import { seen } from './describe-interface.js';
import { INTERFACE_KEY, interfaceXml } from './interface-facet.js';

/** Where interfaces are published by those who operate in no scope in particular. */
const SCOPE = '/interfaces';

export async function putInterface(
  rooms: Rooms,
  caller: Caller,
  ns: string,
  body: Uint8Array,
  { scope, ifMatch, ifNoneMatch, charset, ...options }: InterfaceWriteOptions = {},
): Promise<Published> {
  // Before anything is read: who may not register learns nothing of what is.
  requireRegistrar(caller, [ns], rooms.registry.shipped);
  const candidate = candidateOf(ns, body, charset);
  for (;;) {
    const before = rooms.schemas.schema(ns);
    checkTags(`the schema of "${ns}"`, () => before && etagOf(before), before !== undefined, {
      ...(ifMatch === undefined ? {} : { ifMatch }),
      ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
    });
    const entry = rooms.registry.registered.get(ns);
    const id = entry && seen(rooms, caller, entry);
    const current = id === undefined ? undefined : currentOf(rooms, caller, id);
    const facet =
      candidate.whole || entry === undefined || current === undefined
        ? candidate.facet
        : { ...entry.facet, schema: candidate.facet.schema };
    try {
      const written =
        current === undefined
          ? await publish(rooms, caller, { kind: 'put', id: idOf(ns) }, documentOf(facet, scope ?? caller.scopes?.[0] ?? SCOPE), {
              ...options,
              ifNoneMatch: '*',
            })
          : await edit(
              rooms,
              caller,
              current.id,
              { kind: 'put-facet', name: INTERFACE, body: encoder.encode(interfaceXml(facet)) },
              // only if it is still the one that was looked at
              { ...options, ifMatch: [etagOf(facetXml(rooms.viewOf(caller), current.slot, INTERFACE_KEY) ?? '')] },
            );
      return { ...written, etag: etagOf(facet.schema), notices: [...written.notices, ...prefixNotice(rooms, facet, options.dryRun)] };
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'precondition-failed') throw error;
      // Somebody changed it meanwhile: decide anew. Where nobody did, the id is taken by something else.
      if (current === undefined && rooms.registry.registered.get(ns) === entry) {
        throw new Problem('conflict', {
          detail: `the id "${idOf(ns)}" is that of another resource`,
          hint: `publish a resource of another id that has the facet ${nameKey(INTERFACE)}`,
        });
      }
    }
  }
}

export async function removeInterface(
  rooms: Rooms,
  caller: Caller,
  ns: string,
  { ifMatch, dryRun, manager, force }: InterfaceWriteOptions = {},
): Promise<{ readonly revision?: string }> {
  requireRegistrar(caller, [ns], new Set());
  const entry = rooms.registry.registered.get(ns);
  const id = entry && seen(rooms, caller, entry);
  if (entry === undefined || id === undefined) {
    if (rooms.registry.shipped.has(ns)) {
      throw new Problem('conflict', {
        detail: `the interface "${ns}" comes with the directory`,
        hint: 'start the directory with --facets DIR to have others',
      });
    }
    throw new Problem('not-found', { detail: `no interface is registered for the namespace "${ns}"`, hint: 'GET /interfaces lists them' });
  }
  checkTags(`the schema of "${ns}"`, () => etagOf(entry.facet.schema), true, ifMatch === undefined ? {} : { ifMatch });
  const options = {
    ...(dryRun === undefined ? {} : { dryRun }),
    ...(manager === undefined ? {} : { manager }),
    ...(force === undefined ? {} : { force }),
  };
  const current = currentOf(rooms, caller, id);
  const alone = current !== undefined && partsOf(Buffer.from(current.xml).toString('utf8')).facets.length === 1;
  if (alone) return await remove(rooms, caller, id, options);
  const { revision } = await edit(rooms, caller, id, { kind: 'remove-facet', name: INTERFACE }, options);
  return revision === undefined ? {} : { revision };
}

/** A prefix that is taken gets a number. */
function prefixNotice({ schemas }: Rooms, { namespace, prefix }: InterfaceFacet, dryRun = false): readonly Notice[] {
  const given = schemas.summaries.find(({ ns }) => ns === namespace)?.prefix;
  if (dryRun || prefix === undefined || given === undefined || given === prefix) return [];
  const message = `the prefix "${prefix}" is taken: questions use "${given}"`;
  return [{ rule: 'interface-prefix', message, hint: 'choose another one, which nobody has' }];
}

export function idOf(ns: string): ResourceId {
  return `interface:${ns}`.slice(0, 1024) as ResourceId;
}

function documentOf(facet: InterfaceFacet, scope: Scope): Uint8Array {
  return encoder.encode(`<resource xmlns="${RESOURCE_NS}"><scope>${escapeText(scope)}</scope>${interfaceXml(facet)}</resource>`);
}

const encoder = new TextEncoder();
