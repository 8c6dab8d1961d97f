import fc from 'fast-check';
import { pathOf } from '../discovery/twin/case-document.js';
import { treeOf } from '../discovery/twin/index.js';
import { type Difference, differences, type Tally } from './differences.js';
import { documents } from './documents.js';
import { expressions } from './expressions.js';
import { createLibxml2 } from './libxml2.js';

export interface FuzzOptions {
  /** expressions to ask */
  readonly cases: number;
  readonly seed: number;
  /** a part of the run, as a failing one prints it */
  readonly path?: string;
  readonly libxml2: boolean;
}

export interface FuzzReport {
  readonly tally: Tally;
  /** the smallest case that still differs, and how to come back to it */
  readonly failure?: { readonly differences: readonly Difference[]; readonly seed: number; readonly path: string };
}

const PER_DOCUMENT = 8;

const question = fc.record({
  /** which node is the context, counted through the document */
  place: fc.oneof(fc.constantFrom(0, 0, 1, 2), fc.nat({ max: 60 })),
  xpath: fc.oneof(
    { weight: 3, arbitrary: expressions({ variables: false, extensions: false }) },
    { weight: 1, arbitrary: expressions({ variables: true, extensions: true }) },
  ),
});

/** Random documents and expressions through all engines; stops at the first difference nobody can explain, and shrinks it. */
export async function fuzz({ cases, seed, path, libxml2 }: FuzzOptions): Promise<FuzzReport> {
  const tally: Tally = new Map();
  const other = libxml2 ? createLibxml2() : undefined;
  let last: readonly Difference[] = [];
  const property = fc.asyncProperty(
    documents,
    fc.array(question, { minLength: 1, maxLength: PER_DOCUMENT, size: 'max' }),
    async (xml, questions) => {
      const nodes = treeOf(xml).document.nodes.filter((node) => node.kind !== 'namespace');
      const asks = questions.map(({ place, xpath }) => ({ context: pathOf(nodes[place % nodes.length]), xpath }));
      const found = await differences(xml, asks, other, tally);
      if (found.length > 0) last = found;
      return found.length === 0;
    },
  );
  try {
    const result = await fc.check(property, { numRuns: Math.ceil((2 * cases) / (PER_DOCUMENT + 1)), seed, path });
    if (!result.failed) return { tally };
    return { tally, failure: { differences: last, seed: result.seed, path: result.counterexamplePath ?? '' } };
  } finally {
    await other?.close();
  }
}

/** For people: what was asked of which document, and what each engine said. */
export function describeFailure({ differences: found, seed, path }: NonNullable<FuzzReport['failure']>): string {
  const parts = found.map((each) =>
    [
      `${each.between} differ on ${each.xpath}`,
      `  document  ${each.xml}`,
      `  context   ${each.context}`,
      `  ${each.between.split(' ')[0].padEnd(8)}  ${JSON.stringify(each.ours)}`,
      `  twin      ${JSON.stringify(each.theirs)}`,
    ].join('\n'),
  );
  return `${parts.join('\n')}\n  again with FUZZ_SEED=${seed} FUZZ_PATH=${path}`;
}
