import { ANSWER_NS } from '../../model/index.js';
import { type Attributes, attributes } from '../xml-text.js';

/**
 * Puts an element that was serialised by itself, byte for byte, into an answer whose default namespace is ours.
 *
 *     <item resource="a"><resource xmlns="http://…/resource" …>…</resource></item>
 *
 * An element without prefix that is in no namespace would fall into ours there; then the wrapper undoes the default and is
 * itself written with a prefix:
 *
 *     <a:item xmlns:a="urn:facetry:answer" xmlns="" resource="a"><f:hw xmlns:f="urn:f"><cpu>4</cpu></f:hw></a:item>
 */
export function embed(wrapper: string, values: Attributes, xml: string): string {
  if (!inheritsDefault(xml.slice(0, xml.indexOf('>')), () => xml)) return `<${wrapper}${attributes(values)}>${xml}</${wrapper}>`;
  return `<a:${wrapper} xmlns:a="${ANSWER_NS}" xmlns=""${attributes(values)}>${xml}</a:${wrapper}>`;
}

/** As `embed`, without making characters of what are bytes already: the parts, one after the other. */
export function embedBytes(wrapper: string, values: Attributes, xml: Uint8Array): readonly (string | Uint8Array)[] {
  const bytes = Buffer.from(xml.buffer, xml.byteOffset, xml.byteLength);
  // a character a byte is as good here: only ASCII is looked for
  if (inheritsDefault(bytes.toString('latin1', 0, bytes.indexOf('>')), () => bytes.toString('latin1')))
    return [embed(wrapper, values, bytes.toString('utf8'))];
  return [`<${wrapper}${attributes(values)}>`, xml, `</${wrapper}>`];
}

const UNPREFIXED = /<[^\s<>/!?:]+[\s/>]/;

/** May this serialised element use a default namespace that it does not declare? Never wrongly no. */
function inheritsDefault(startTag: string, whole: () => string): boolean {
  // Quotes in attribute values are escaped, so this cannot be part of one.
  return !startTag.includes(' xmlns="') && UNPREFIXED.test(whole());
}
