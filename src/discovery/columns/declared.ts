/**
 * Sets of namespace declarations in scope, numbered: set 0 is empty, any other is an outer set and one declaration more. The
 * same declarations in the same order are the same set, so what a written name means can be remembered per set.
 */

export interface DeclaredSets {
  readonly outer: number[];
  readonly prefix: number[];
  readonly uri: number[];
  /** the inner set found last for each set: documents of one kind declare the same */
  readonly latest: number[];
  readonly inner: Map<string, number>;
}

export function createDeclaredSets(): DeclaredSets {
  return { outer: [0], prefix: [0], uri: [0], latest: [0], inner: new Map() };
}

/** `set` with one more declaration; both parts are string ids. */
export function withDeclaration(sets: DeclaredSets, set: number, prefix: number, uri: number): number {
  const latest = sets.latest[set];
  if (latest !== 0 && sets.prefix[latest] === prefix && sets.uri[latest] === uri) return latest;
  const key = `${set} ${prefix} ${uri}`;
  let inner = sets.inner.get(key);
  if (inner === undefined) {
    inner = sets.outer.length;
    sets.outer.push(set);
    sets.prefix.push(prefix);
    sets.uri.push(uri);
    sets.latest.push(0);
    sets.inner.set(key, inner);
  }
  sets.latest[set] = inner;
  return inner;
}

/** String id of the namespace a prefix stands for; -1 when it is not declared. */
export function resolvePrefix(sets: DeclaredSets, set: number, prefix: number): number {
  for (let at = set; at !== 0; at = sets.outer[at]) if (sets.prefix[at] === prefix) return sets.uri[at];
  return -1;
}
