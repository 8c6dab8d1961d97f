/**
 * The answer to a question, in parts that are made while they are sent.
 *
 *     <results xmlns="urn:facetry:answer" type="nodeset" total="2" count="2" revision="…">
 *       <item resource="a"><resource …>…</resource></item>
 *       <item resource="b" kind="attribute" name="id">b</item>
 *     </results>
 *     <results xmlns="urn:facetry:answer" type="number" revision="…">4</results>
 */
import type { Answer, Item, OtherItem, PlanLine } from '../../directory/index.js';
import { ANSWER_NS } from '../../model/index.js';
import type { Part } from '../write-answer.js';
import { attributes, element, text, XML_DECLARATION } from '../xml-text.js';
import { embedBytes } from './embed.js';
import { numberText } from './number.js';

export async function* answerXml(answer: Answer): AsyncGenerator<Part | readonly Part[]> {
  const plan = answer.plan === undefined ? '' : planXml(answer.plan);
  const { type, revision } = answer;
  if (answer.type !== 'nodeset') {
    const value = answer.type === 'number' ? numberText(answer.value) : text(String(answer.value));
    yield `${XML_DECLARATION}<results xmlns="${ANSWER_NS}"${attributes({ type, revision })}>${plan}${value}</results>\n`;
    return;
  }
  const { total, count, next } = answer;
  yield `${XML_DECLARATION}<results xmlns="${ANSWER_NS}"${attributes({ type, total, count, next, revision })}>${plan}\n`;
  for await (const item of answer.items) {
    if (item.kind !== 'element') yield itemXml(item);
    else yield [...embedBytes('item', { resource: item.resource }, item.bytes), '\n'];
  }
  yield '</results>\n';
}

function itemXml({ resource, kind, name, value }: OtherItem): string {
  return `<item${attributes({ resource: resource === '' ? undefined : resource, kind, name })}>${text(value)}</item>\n`;
}

function planXml(plan: readonly PlanLine[]): string {
  return element(
    'plan',
    {},
    plan
      .map(({ depth, operator, estimated, actual, ms }) =>
        element('operator', { depth, estimated, actual, ms: rounded(ms) }, text(operator)),
      )
      .join(''),
  );
}

export async function* answerJson(answer: Answer): AsyncGenerator<string> {
  const { type, revision } = answer;
  const plan = answer.plan?.map((line) => ({ ...line, ...(line.ms === undefined ? {} : { ms: rounded(line.ms) }) }));
  if (answer.type !== 'nodeset') {
    // JSON has no word for these
    const value = answer.type === 'number' && !Number.isFinite(answer.value) ? String(answer.value) : answer.value;
    yield JSON.stringify({ type, revision, plan, value });
    return;
  }
  const { total, count, next } = answer;
  yield `${JSON.stringify({ type, total, count, next, revision, plan }).slice(0, -1)},"items":[`;
  let first = true;
  for await (const item of answer.items) {
    yield (first ? '' : ',\n') + itemJson(item);
    first = false;
  }
  yield ']}';
}

function itemJson(item: Item): string {
  return JSON.stringify(itemOf(item));
}

/** An item as JSON says it. */
export function itemOf({ resource, kind, name, value, whole }: Item): object {
  return kind === 'element' ? { resource, kind, whole, xml: value } : { resource, kind, name, value };
}

function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 1000) / 1000;
}
