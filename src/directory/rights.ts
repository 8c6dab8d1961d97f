/** May this caller make this change? Reading is the view's business (`views.ts`); this file is about writing. */
import { INTERFACE_NS, isWithin, type NameKey, Problem, parseNameKey, type ReadRule, type Scope, seesScope } from '../model/index.js';
import type { Difference } from './difference.js';
import type { Caller } from './directory.js';

/** Overrule owners, and whatever else only operators may do. */
export function isAdmin(caller: Caller): boolean {
  return caller.admin ?? caller.scopes === undefined;
}

/** Is there nothing that this caller may not write? Then nobody need look what it writes. */
export function writesAnything(caller: Caller): boolean {
  return caller.scopes === undefined && caller.publishes === undefined && caller.facets === undefined;
}

/** Refuses a caller that only reads, before its document is looked at. */
export function requireWriter(caller: Caller): void {
  if (caller.publishes?.length === 0) {
    throw new Problem('forbidden', { detail: 'this token may only read', hint: 'ask the operators for the role publisher' });
  }
}

/** `present`: the scopes in which the caller sees the resource now; undefined when it creates it. */
export function requireRights(caller: Caller, rule: ReadRule, present: readonly Scope[] | undefined, difference: Difference): void {
  requireWriter(caller);
  if (writesAnything(caller)) return;
  for (const scope of difference.scopesAdded) requireScope(caller, rule, scope);
  for (const scope of difference.scopesRemoved) {
    if (!publishesIn(caller, scope)) {
      throw new Problem('forbidden', {
        detail: `this token may not take a resource out of ${scope}`,
        hint: 'keep that scope in the document',
      });
    }
  }
  if (present !== undefined && !present.some((scope) => publishesIn(caller, scope))) {
    throw new Problem('forbidden', {
      detail: `this token may not publish in any scope of the resource that it sees (${present.join(', ')})`,
      hint: 'ask the operators for the right to publish there',
    });
  }
  for (const facet of [...difference.facetsAdded, ...difference.facetsReplaced, ...difference.facetsRemoved]) requireFacet(caller, facet);
}

function requireScope(caller: Caller, rule: ReadRule, scope: Scope): void {
  if (!publishesIn(caller, scope)) {
    throw new Problem('forbidden', {
      detail: `this token may not publish into ${scope}`,
      hint: 'ask the operators for the right to publish there',
    });
  }
  if (caller.scopes?.some((operating) => seesScope(operating, scope, rule)) === false) {
    throw new Problem('forbidden', {
      detail: `the request does not operate in ${scope}, so it would not see what it publishes there`,
      hint: `send the header Facetry-Scope: ${scope}`,
    });
  }
}

export function publishesIn(caller: Caller, scope: Scope): boolean {
  return caller.publishes === undefined || caller.publishes.some((subtree) => isWithin(scope, subtree));
}

function requireFacet(caller: Caller, facet: NameKey): void {
  const ns = parseNameKey(facet)?.ns ?? '';
  // What is registered holds for everybody: `requireRegistrar` looks at that.
  if (ns === INTERFACE_NS || writesFacetsOf(caller, ns)) return;
  throw new Problem('forbidden', {
    detail: `this token may not write facets of ${ns}`,
    hint: `it may write those of ${caller.facets?.join(', ') || 'no namespace'}; leave the others as they are`,
  });
}

function writesFacetsOf({ facets }: Caller, ns: string): boolean {
  return facets === undefined || facets.some((pattern) => (pattern.endsWith('*') ? ns.startsWith(pattern.slice(0, -1)) : ns === pattern));
}

/**
 * A write that registers, changes or removes interfaces: their schemas are applied to what everybody publishes, seen or not. So it
 * needs a right of its own, for namespaces whose facets the caller may write; and those that come with the directory are its operators'.
 */
export function requireRegistrar(caller: Caller, namespaces: readonly string[], shipped: ReadonlySet<string>): void {
  if (!(caller.registrar ?? isAdmin(caller))) {
    throw new Problem('forbidden', {
      detail: 'this token may not register interfaces: their schemas hold for everybody',
      hint: 'ask the operators for the role registrar',
    });
  }
  for (const ns of namespaces) {
    if (!writesFacetsOf(caller, ns)) {
      throw new Problem('forbidden', {
        detail: `this token may not write facets of ${ns}, so it may not register their interface`,
        hint: `it may write those of ${caller.facets?.join(', ') || 'no namespace'}`,
      });
    }
    if (shipped.has(ns) && !(isAdmin(caller) && caller.publishes === undefined)) {
      throw new Problem('forbidden', {
        detail: `the interface ${ns} comes with the directory`,
        hint: 'only an admin of everything may put another one in its place: use a namespace of your own',
      });
    }
  }
}
