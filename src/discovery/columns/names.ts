/**
 * Names as they were written: prefix, namespace, local part. Two prefixes for one namespace make two names, for what was
 * published comes back as it was. Name 0 has none of them (the root, text, comments).
 */
import { bucketOf, type HashIndex, insert, mix } from './hash-index.js';
import { grow, NAME, type State, Word } from './state.js';
import { internText, textOf } from './strings.js';

const PREFIX = 0;
const NS = 1;
const LOCAL = 2;
const WRITTEN = 3;
const NEXT = 4;

const INDEX: HashIndex = {
  buckets: 'nameBuckets',
  records: 'names',
  stride: NAME,
  next: NEXT,
  word: Word.nameBuckets,
  hash: (state, name) => hashName(state.names[name * NAME + PREFIX], state.names[name * NAME + NS], state.names[name * NAME + LOCAL]),
};

function hashName(prefix: number, ns: number, local: number): number {
  return mix(mix(prefix, ns), local);
}

export function initNames(state: State): void {
  state.names.fill(0, 0, NAME);
  state.ends.names = 1;
}

/** The name of these string ids; `written` is the string `prefix:local`, or `local` where there is no prefix. */
export function internName(state: State, prefix: number, ns: number, local: number, written: number): number {
  const hash = hashName(prefix, ns, local);
  const { names } = state;
  for (let name = state.nameBuckets[bucketOf(hash, state.header[Word.nameBuckets])]; name !== 0; name = names[name * NAME + NEXT]) {
    const at = name * NAME;
    if (names[at + LOCAL] === local && names[at + NS] === ns && names[at + PREFIX] === prefix) return name;
  }
  const name = state.ends.names;
  grow(state, 'names', (name + 1) * NAME);
  const at = name * NAME;
  state.names[at + PREFIX] = prefix;
  state.names[at + NS] = ns;
  state.names[at + LOCAL] = local;
  state.names[at + WRITTEN] = written;
  state.ends.names = name + 1;
  insert(state, INDEX, hash, name, name);
  return name;
}

export function internNameTexts(state: State, prefix: string, ns: string, local: string): number {
  const written = internText(state, prefix === '' ? local : `${prefix}:${local}`);
  return internName(state, internText(state, prefix), internText(state, ns), internText(state, local), written);
}

export function namePrefix(state: State, name: number): number {
  return state.names[name * NAME + PREFIX];
}

export function nameNs(state: State, name: number): number {
  return state.names[name * NAME + NS];
}

export function nameLocal(state: State, name: number): number {
  return state.names[name * NAME + LOCAL];
}

/** String id of the name as it stands in a tag. */
export function nameWritten(state: State, name: number): number {
  return state.names[name * NAME + WRITTEN];
}

export interface NameTexts {
  readonly prefix: string;
  readonly ns: string;
  readonly local: string;
}

export function nameTexts(state: State, name: number): NameTexts {
  return {
    prefix: textOf(state, namePrefix(state, name)),
    ns: textOf(state, nameNs(state, name)),
    local: textOf(state, nameLocal(state, name)),
  };
}
