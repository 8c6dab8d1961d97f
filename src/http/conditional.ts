/** Conditional requests (RFC 9110 §13), decided here for reads, and told to the directory for writes, which decides at the commit. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Representation, WriteOptions } from '../directory/index.js';
import { Problem } from '../model/index.js';

/** Entity tags as written, quotes and `W/` included; or the lone `*`. */
export type Tags = readonly string[];

const TAG_LIST = /^[ \t,]*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"(?:[ \t]*,[ \t,]*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")*[ \t,]*$/;
const TAG = /(?:W\/)?"[^"]*"/g;

/** Reads `If-Match` or `If-None-Match`; Problem `bad-request` when it is no list of entity tags. */
export function tagsOf(name: string, header: string | undefined): Tags | undefined {
  if (header === undefined) return undefined;
  if (header === '*') return ['*'];
  if (!TAG_LIST.test(header)) {
    throw new Problem('bad-request', {
      detail: `${name} is no list of entity tags`,
      hint: `write ${name}: "tag" with its double quotes, or ${name}: *`,
    });
  }
  return header.match(TAG) as string[];
}

/** Is the stored state what the caller wants to read? Throws `precondition-failed`; `not-modified`: 304. */
export function readCondition(headers: IncomingHttpHeaders, current: Pick<Representation, 'etag' | 'modifiedAt'>): 'send' | 'not-modified' {
  const match = tagsOf('If-Match', headers['if-match']);
  if (match !== undefined) {
    if (!match.includes('*') && !match.includes(current.etag)) throw changed(current.etag);
  } else {
    const before = dateOf(headers['if-unmodified-since']);
    if (before !== undefined && seconds(current.modifiedAt) > before) throw changed(current.etag);
  }
  const none = tagsOf('If-None-Match', headers['if-none-match']);
  // Reads compare weakly (§8.8.3.2): a cache in between may have weakened our tag.
  if (none !== undefined)
    return none.some((tag) => tag === '*' || tag === current.etag || tag === `W/${current.etag}`) ? 'not-modified' : 'send';
  const since = dateOf(headers['if-modified-since']);
  return since !== undefined && seconds(current.modifiedAt) <= since ? 'not-modified' : 'send';
}

/** What a write expects. Dates count in whole seconds, so `If-Unmodified-Since` becomes the tag of the state it was compared with. */
export function writeCondition(
  headers: IncomingHttpHeaders,
  current: () => Pick<Representation, 'etag' | 'modifiedAt'> | undefined,
): Pick<WriteOptions, 'ifMatch' | 'ifNoneMatch'> {
  const ifMatch = tagsOf('If-Match', headers['if-match']);
  const none = tagsOf('If-None-Match', headers['if-none-match']);
  if (none !== undefined && none[0] !== '*') {
    throw new Problem('bad-request', {
      detail: 'writes take If-None-Match: * only',
      hint: 'to change a state that you know, send its entity tag in If-Match',
    });
  }
  const before = ifMatch === undefined ? dateOf(headers['if-unmodified-since']) : undefined;
  const seen = before === undefined ? undefined : current();
  if (seen !== undefined && before !== undefined && seconds(seen.modifiedAt) > before) throw changed(seen.etag);
  return {
    ...(ifMatch !== undefined ? { ifMatch } : seen !== undefined ? { ifMatch: [seen.etag] } : {}),
    ...(none === undefined ? {} : { ifNoneMatch: '*' as const }),
  };
}

function changed(etag: string): Problem {
  return new Problem('precondition-failed', {
    detail: `the resource now has the entity tag ${etag}`,
    hint: 'read it again and use its new entity tag',
  });
}

/** ms; undefined when absent or unreadable, as §13.1.3 demands */
function dateOf(header: string | undefined): number | undefined {
  const time = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(time) ? undefined : time;
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
