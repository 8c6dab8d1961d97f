import { Problem, type Violation } from '../model/index.js';
import type { Position } from './positions.js';

/** What saxes says → what the writer of the document can act on. `$1` is the text in the message's capture. */
const WORDS: readonly (readonly [RegExp, string, string?])[] = [
  [
    /^unexpected close tag/,
    'this end tag does not match the element that is open',
    'elements must be closed in the reverse order of opening',
  ],
  [/^unmatched closing tag: (.*)\.$/, 'there is no open element for the end tag </$1>'],
  [/^unclosed tag: (.*)$/, '<$1> is never closed', 'the document may have been cut off'],
  [
    /^undefined entity/,
    'this entity is not defined',
    'only &amp; &lt; &gt; &quot; &apos; and character references like &#233; can be used',
  ],
  [/^disallowed character in entity name/, '& does not begin an entity here', 'write &amp; for an ampersand'],
  [/^malformed character entity/, 'this character reference names no character that XML allows'],
  [
    /^unbound namespace prefix: "(.*)"\.$/,
    'the prefix "$1" is not bound to a namespace',
    'declare it with xmlns:$1="…" on this element or above',
  ],
  [
    /^disallowed character\.$/,
    'this character is not allowed here',
    'write &lt; for < and &amp; for &; control characters cannot be written at all',
  ],
  [/^disallowed character in tag name/, 'this character cannot stand in a name', 'write &lt; for a less-than sign in text'],
  [/^document must contain a root element/, 'there is no element in the document'],
  [/^text data outside of root node/, 'there is text outside the root element'],
  [/^documents may contain only one root/, 'there is a second root element'],
  [/^duplicate attribute: (.*)\.$/, 'the attribute $1 stands twice on this element'],
];

/**
 * Where in `text` the error is that saxes noticed when it had read up to `position`; `mark` is the end of the markup before.
 * Some errors are found at the end of a tag or text but are about its beginning.
 */
export function errorOffset(message: string, text: string, position: number, mark: number): number {
  if (/^(?:unexpected close|unmatched closing|unbound namespace|duplicate attribute|malformed name)/.test(message)) {
    return Math.max(0, text.lastIndexOf('<', position - 1));
  }
  if (/^text data outside/.test(message)) return mark + (/^[ \t\r\n]*/.exec(text.slice(mark))?.[0].length ?? 0);
  return Math.max(0, Math.min(position - 1, text.length));
}

/** The message of an error of saxes, which puts `line:column: ` before it; undefined for any other error. */
export function saxesMessage(error: unknown): string | undefined {
  return error instanceof Error ? /^\d+:\d+: ([\s\S]*)$/.exec(error.message)?.[1] : undefined;
}

export function notWellFormed(message: string, place: Position & { readonly path?: string }): Problem {
  const [said, hint] = inOurWords(message);
  const violation: Violation = { rule: 'well-formed', message: said, ...place, ...(hint === undefined ? {} : { hint }) };
  return new Problem('not-well-formed', { detail: `line ${place.line}, column ${place.column}: ${said}`, hint, violations: [violation] });
}

function inOurWords(message: string): readonly [said: string, hint?: string] {
  for (const [pattern, said, hint] of WORDS) {
    const match = pattern.exec(message);
    if (match === null) continue;
    const fill = (text: string) => text.replace('$1', match[1] ?? '');
    return [fill(said), hint === undefined ? undefined : fill(hint)];
  }
  return [message.replace(/\.$/, '')];
}
