import { type DocumentLimits, type Notice, Problem, type Resource } from '../model/index.js';

/** A resource that is valid, with what is worth a word about it. */
export interface Accepted {
  readonly resource: Resource;
  readonly notices: readonly Notice[];
}

export function tooLarge(bytes: number, limits: DocumentLimits): Problem {
  return new Problem('document-too-large', {
    detail: `the document has ${bytes} bytes, the limit is ${limits.bytes}`,
    hint: 'split it into several resources, or ask for a higher limit',
  });
}
