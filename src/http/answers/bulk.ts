/**
 * One result per document, in the order of the documents, written while the request still arrives.
 *
 *     <bulk xmlns="urn:facetry:answer">
 *       <result index="0" status="201" id="a" outcome="created" etag="…" revision="…"/>
 *       <result index="1" status="422" code="invalid-resource"><detail>…</detail><violation …>…</violation></result>
 *     </bulk>
 *
 * What ends the request half-way (a body that stops being XML) comes last, as a problem: the results before it hold.
 */
import type { BulkResult } from '../../directory/index.js';
import { ANSWER_NS, PROBLEMS, type Problem } from '../../model/index.js';
import { problemBody, problemXml } from '../problem-response.js';
import { element, text, XML_DECLARATION } from '../xml-text.js';
import { contents, noticeXml, publishedJson } from './published.js';

/** Turns what breaks the stream into a Problem, or throws it on when nobody is left to be told. */
export type Explain = (error: unknown) => Problem;

export async function* bulkXml(results: AsyncIterable<BulkResult>, explain: Explain, requestId: string): AsyncGenerator<string> {
  let begun = false;
  try {
    for await (const result of results) {
      yield (begun ? '' : START) + resultXml(result);
      begun = true;
    }
    yield `${begun ? '' : START}</bulk>\n`;
  } catch (error) {
    if (!begun) throw error;
    yield `${problemXml(problemBody(explain(error), requestId))}\n</bulk>\n`;
  }
}

const START = `${XML_DECLARATION}<bulk xmlns="${ANSWER_NS}">\n`;

function resultXml(result: BulkResult): string {
  const { index } = result;
  const status = bulkStatus(result);
  if (result.ok) {
    const { id, outcome, etag, revision } = result.published;
    return `${element('result', { index, status, id, outcome, etag, revision }, contents(result.published))}\n`;
  }
  const content =
    element('detail', {}, text(result.detail)) + result.violations.map((violation) => noticeXml(violation, 'violation')).join('');
  return `${element('result', { index, status, code: result.code }, content)}\n`;
}

export async function* bulkJson(results: AsyncIterable<BulkResult>, explain: Explain, requestId: string): AsyncGenerator<string> {
  let begun = false;
  try {
    for await (const result of results) {
      yield (begun ? ',\n' : '{"results":[\n') + resultJson(result);
      begun = true;
    }
    yield begun ? '\n]}' : '{"results":[]}';
  } catch (error) {
    if (!begun) throw error;
    yield `\n],"problem":${JSON.stringify(problemBody(explain(error), requestId))}}`;
  }
}

function resultJson(result: BulkResult): string {
  const { index } = result;
  const status = bulkStatus(result);
  if (result.ok) return JSON.stringify({ index, status, ...publishedJson(result.published) });
  const { code, detail, violations } = result;
  return JSON.stringify({ index, status, code, detail, ...(violations.length === 0 ? {} : { violations }) });
}

export function bulkStatus(result: BulkResult): number {
  if (!result.ok) return PROBLEMS[result.code][0];
  return result.published.outcome === 'created' ? 201 : 200;
}
