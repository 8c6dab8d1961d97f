import { type CaseDocument, type EngineNode, engineDocuments } from '../../src/cli/xpath-batch.js';
import { compile } from '../../src/discovery/index.js';
import { twinDocument } from '../discovery/twin/case-document.js';
import { RECOMMENDATION } from '../discovery/twin/index.js';
import { agree, answerOf, type Question } from './answers.js';
import { NAMESPACES } from './documents.js';
import { BEYOND_1_0 } from './expressions.js';
import type { Answer, Libxml2 } from './libxml2.js';
import { LIBXML2_DEVIATIONS } from './libxml2-deviations.js';

export interface Difference extends Question {
  readonly between: 'engine and twin' | 'libxml2 and twin';
  readonly xml: string;
  readonly ours: Answer;
  readonly theirs: Answer;
}

/** How often what happened: `compared with libxml2`, `explained: number to string`, … */
export type Tally = Map<string, number>;

export function count(tally: Tally, what: string): void {
  tally.set(what, (tally.get(what) ?? 0) + 1);
}

/** More than a naive evaluator should be asked for, in nodes looked at. */
const TWIN_WORK = 400_000;

const openInEngine = engineDocuments(compile);

/** Asks all three engines and tells where they differ for no known reason. */
export async function differences(
  xml: string,
  asks: readonly Question[],
  libxml2: Libxml2 | undefined,
  tally: Tally,
): Promise<Difference[]> {
  const twin = twinDocument(xml, { work: TWIN_WORK });
  const engine: CaseDocument<EngineNode> = openInEngine(xml);
  const foreign = libxml2 && asks.filter(({ xpath }) => !BEYOND_1_0.test(xpath));
  const answers = foreign?.length ? await (libxml2 as Libxml2).ask({ xml, asks: foreign, namespaces: NAMESPACES }) : [];
  const found: Difference[] = [];
  for (const ask of asks) {
    const theirs = answerOf(twin, ask);
    if (theirs === undefined) {
      count(tally, 'too much work for the twin');
      continue;
    }
    count(tally, `answer: ${theirs.type}${theirs.type === 'nodeset' && theirs.value.length === 0 ? ' (empty)' : ''}`);
    const ours = answerOf(engine, ask) as Answer;
    count(tally, `engine compared with twin${BEYOND_1_0.test(ask.xpath) ? ' (beyond XPath 1.0)' : ''}`);
    if (!agree(ours, theirs)) found.push({ ...ask, between: 'engine and twin', xml, ours, theirs });
    const libxml2Answer = answers[foreign?.indexOf(ask) ?? -1];
    if (libxml2Answer && !explained(xml, ask, libxml2Answer, theirs, tally)) {
      found.push({ ...ask, between: 'libxml2 and twin', xml, ours: libxml2Answer, theirs });
    }
  }
  return found;
}

function explained(xml: string, ask: Question, libxml2: Answer, twin: Answer, tally: Tally): boolean {
  if (libxml2.type === 'hang' || libxml2.type === 'crash') {
    count(tally, `libxml2: ${libxml2.type}`);
    return true;
  }
  const beyondComparing = LIBXML2_DEVIATIONS.find((each) => each.notCompared?.(ask.xpath, libxml2));
  if (beyondComparing) {
    count(tally, `not compared with libxml2: ${beyondComparing.name}`);
    return true;
  }
  count(tally, 'libxml2 compared with twin');
  if (agree(libxml2, twin)) return true;
  for (const deviations of subsets(LIBXML2_DEVIATIONS.filter((each) => each.rules))) {
    const rules = Object.assign({}, RECOMMENDATION, ...deviations.map((each) => each.rules));
    const answer = answerOf(twinDocument(xml, { rules, work: TWIN_WORK }), ask);
    if (answer && agree(libxml2, answer)) {
      count(tally, `libxml2 explained: ${deviations.length === 1 ? deviations[0].name : 'several'}`);
      return true;
    }
  }
  return false;
}

/** The smallest first, without the empty one. */
function subsets<T>(all: readonly T[]): T[][] {
  const found: T[][] = [[]];
  for (const each of all) found.push(...found.map((some) => [...some, each]));
  return found.slice(1).sort((a, b) => a.length - b.length);
}
