import { type ExpandedName, isNcName, Problem, parseNameKey } from '../model/index.js';

/** A facet's name as people write it: `Q{namespace}local`, or `prefix:local` with the prefix of a registered interface. */
export function facetName(text: string, prefixes: Readonly<Record<string, string>>): ExpandedName {
  const expanded = parseNameKey(text);
  if (expanded !== undefined && expanded.ns !== '' && isNcName(expanded.local)) return expanded;
  const [prefix = '', local = '', ...more] = text.split(':');
  if (more.length > 0 || !isNcName(prefix) || !isNcName(local)) {
    throw new Problem('bad-request', {
      detail: `"${text.slice(0, 200)}" is not the name of a facet`,
      hint: 'write prefix:name, or Q{namespace}name, percent-encoded in addresses',
    });
  }
  const ns = Object.hasOwn(prefixes, prefix) ? prefixes[prefix] : undefined;
  if (ns === undefined) {
    throw new Problem('bad-request', {
      detail: `no registered interface has the prefix "${prefix}"`,
      hint: `known are ${Object.keys(prefixes).join(', ')}; or write Q{namespace}${local}`,
    });
  }
  return { ns, local };
}
