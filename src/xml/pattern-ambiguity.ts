import { type Pattern, parsePattern } from './pattern-syntax.js';

/**
 * Can a backtracking matcher, as libxml2 has for `xs:pattern`, need exponential time for this pattern?
 *
 * It can when there is a text that leads from some state of the automaton back to it in two ways: k such texts in a row are then read
 * in 2^k ways ("exponential degree of ambiguity", Weber and Seidl 1991, Theorem 4.1). `(a|aa)*b` is of that kind, `([a-z]+-)*[a-z]+` is not.
 * In the product of the automaton with itself that is a cycle through a pair (p, p) and a pair of different states.
 *
 * Counted repetition is made small first: `{n}` becomes at most three copies, `{m,n}` a loop unless it is small. So what explodes only
 * up to a large bound is found too. Larger automata than we look at are left to the time limit.
 */
export function isExplosive(pattern: string): boolean {
  if (pattern.length > MAX_LENGTH) return false;
  const alphabet = new Set(ALPHABET);
  const tree = parsePattern(pattern, (code) => alphabet.add(code));
  if (tree === undefined) return false;
  const automaton = positions(tree, [...alphabet]);
  return automaton !== undefined && hasAmbiguousCycle(automaton);
}

/** Characters that stand for all others like them; those a pattern names come on top. */
const ALPHABET: readonly number[] = [...'\t\n\r\u00a0éαЖ中٣😀']
  .map((char) => char.codePointAt(0) as number)
  .concat(Array.from({ length: 95 }, (_, k) => k + 0x20));
const MAX_POSITIONS = 150;
const MAX_LENGTH = 1000;
const MAX_STEPS = 3_000_000;

/** Glushkov's automaton: a state for each place in the pattern where a character is read. Bit k of a set: the k-th character of the alphabet. */
interface Automaton {
  readonly sets: readonly bigint[];
  readonly follow: readonly ReadonlySet<number>[];
}

interface Fragment {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly nullable: boolean;
}

function positions(tree: Pattern, alphabet: readonly number[]): Automaton | undefined {
  const sets: bigint[] = [];
  const follow: Set<number>[] = [];
  const link = (from: readonly number[], to: readonly number[]) => {
    for (const p of from) for (const q of to) follow[p].add(q);
  };
  const EMPTY: Fragment = { first: [], last: [], nullable: true };

  function join(a: Fragment, b: Fragment): Fragment {
    link(a.last, b.first);
    return {
      first: a.nullable ? [...a.first, ...b.first] : a.first,
      last: b.nullable ? [...a.last, ...b.last] : b.last,
      nullable: a.nullable && b.nullable,
    };
  }
  function loop(fragment: Fragment): Fragment {
    link(fragment.last, fragment.first);
    return fragment;
  }
  function build(node: Pattern): Fragment {
    if (sets.length > MAX_POSITIONS) return EMPTY;
    switch (node.kind) {
      case 'set': {
        const bits = alphabet.reduce((set, code, k) => (node.has(code) ? set | (1n << BigInt(k)) : set), 0n);
        sets.push(bits);
        follow.push(new Set());
        return { first: [sets.length - 1], last: [sets.length - 1], nullable: false };
      }
      case 'sequence':
        return node.parts.reduce((done, part) => join(done, build(part)), EMPTY);
      case 'choice': {
        const parts = node.parts.map(build);
        return {
          first: parts.flatMap(({ first }) => first),
          last: parts.flatMap(({ last }) => last),
          nullable: parts.some(({ nullable }) => nullable),
        };
      }
      case 'repeat':
        return repeat(node.part, node.min, node.max);
    }
  }
  function repeat(part: Pattern, min: number, max: number): Fragment {
    const optional = () => ({ ...build(part), nullable: true });
    let done = EMPTY;
    if (min === max) for (let k = 0; k < Math.min(min, 3); k++) done = join(done, build(part));
    else if (max <= 3) for (let k = 0; k < max; k++) done = join(done, k < min ? build(part) : optional());
    else if (max === Number.POSITIVE_INFINITY && min < 2) done = { ...loop(build(part)), nullable: min === 0 };
    else {
      // A counter is not merged with one inside it, as `*` is: its copies stay apart, and so does their ambiguity.
      for (let k = 0; k < Math.min(min, 2); k++) done = join(done, build(part));
      done = join(done, { ...loop(build(part)), nullable: true });
    }
    return done;
  }
  build(tree);
  return sets.length > MAX_POSITIONS ? undefined : { sets, follow };
}

/** Goes through the product without building it; out of steps, it says no. */
function hasAmbiguousCycle({ sets, follow }: Automaton): boolean {
  const size = sets.length;
  const precede: Set<number>[] = Array.from({ length: size }, () => new Set());
  for (const [p, next] of follow.entries()) for (const q of next) precede[q].add(p);
  let steps = MAX_STEPS;

  /** Pairs that can be reached from (p, p), or from which it can be reached. */
  function reachable(edges: readonly ReadonlySet<number>[], p: number, forward: boolean): Set<number> {
    const seen = new Set<number>();
    const open = [p * size + p];
    for (let pair = open.pop(); pair !== undefined && steps > 0; pair = open.pop()) {
      const [left, right] = [Math.floor(pair / size), pair % size];
      // A step reads a character that both states it leads to accept.
      if (!forward && (sets[left] & sets[right]) === 0n) continue;
      for (const nextLeft of edges[left]) {
        for (const nextRight of edges[right]) {
          steps--;
          const next = nextLeft * size + nextRight;
          if (seen.has(next) || (forward && (sets[nextLeft] & sets[nextRight]) === 0n)) continue;
          seen.add(next);
          open.push(next);
        }
      }
    }
    return seen;
  }

  for (let p = 0; p < size && steps > 0; p++) {
    const there = reachable(follow, p, true);
    if (!there.has(p * size + p)) continue;
    const back = reachable(precede, p, false);
    for (const pair of there) if (Math.floor(pair / size) !== pair % size && back.has(pair)) return true;
  }
  return false;
}
