import type { Published } from '../../directory/index.js';
import { ANSWER_NS, type Notice } from '../../model/index.js';
import { element, text, XML_DECLARATION } from '../xml-text.js';
import { embed } from './embed.js';

/** `<published xmlns="urn:facetry:answer" id="…" outcome="created" etag="…" revision="…"/>` */
export function publishedXml(published: Published): string {
  const { id, outcome, etag } = published;
  return `${XML_DECLARATION}${element('published', { xmlns: ANSWER_NS, id, outcome, etag, revision: published.revision }, contents(published))}\n`;
}

export function publishedJson({ id, outcome, etag, revision, notices, canonical, diff }: Published): object {
  return { id, outcome, etag, revision, notices, canonical, diff };
}

/** What stands inside `published` and inside a bulk `result`. */
export function contents({ notices, canonical, diff }: Published): string {
  const dry =
    (canonical === undefined ? '' : embed('canonical', {}, canonical)) + (diff === undefined ? '' : element('diff', {}, text(diff)));
  return notices.map((notice) => noticeXml(notice)).join('') + dry;
}

export function noticeXml({ rule, message, line, column, path, hint }: Notice, name = 'notice'): string {
  return element(name, { rule, line, column, path, hint }, text(message));
}
