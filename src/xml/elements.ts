import { RESOURCE_NS } from '../model/index.js';
import type { Position } from './positions.js';

/** The elements of a document in document order, so that a violation found later can say where. */
export interface Elements {
  count(): number;
  /** Adds an element; returns its ordinal. `parent` is -1 for the root. */
  add(name: string, ns: string, parent: number, start: number): number;
  /** offset of its `<` in the source */
  start(ordinal: number): number;
  /** An XPath to it, e.g. `/r:resource/f:hw[1]/f:cpu[2]`; the resource namespace is written `r`. */
  path(ordinal: number): string;
}

export type Place = Position & { readonly path: string };

export function newElements(): Elements {
  const names: string[] = [];
  const namespaces: string[] = [];
  const parents: number[] = [];
  const starts: number[] = [];
  function step(ordinal: number): string {
    let index = 1;
    for (let k = parents[ordinal] + 1; k < ordinal; k++) {
      if (parents[k] === parents[ordinal] && names[k] === names[ordinal] && namespaces[k] === namespaces[ordinal]) index++;
    }
    const name = names[ordinal];
    const local = name.slice(name.indexOf(':') + 1);
    if (namespaces[ordinal] === RESOURCE_NS) return `r:${local}${parents[ordinal] < 0 ? '' : `[${index}]`}`;
    return name === local && namespaces[ordinal] !== '' ? `*[local-name()='${local}'][${index}]` : `${name}[${index}]`;
  }
  return {
    count: () => names.length,
    add(name, ns, parent, start) {
      names.push(name);
      namespaces.push(ns);
      parents.push(parent);
      starts.push(start);
      return names.length - 1;
    },
    start: (ordinal) => starts[ordinal],
    path(ordinal) {
      let path = '';
      for (let at = ordinal; at >= 0; at = parents[at]) path = `/${step(at)}${path}`;
      return path;
    },
  };
}
