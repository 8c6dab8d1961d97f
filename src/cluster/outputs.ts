/** What a stack gives, as the facet holds it and as programs take it. */
import type { ClusterState, Content, Output } from './cluster-facet.js';
import type { StackOutput } from './openstack/index.js';

export function outputOf({ output_key, output_value }: StackOutput): Output {
  return { name: output_key, type: typeOf(output_value), ...contentOf(output_value) };
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'object' && value !== null) return 'map';
  return typeof value === 'number' || typeof value === 'boolean' ? typeof value : 'string';
}

function contentOf(value: unknown): Content {
  if (Array.isArray(value)) return { list: { item: value.map(contentOf) } };
  if (typeof value === 'object' && value !== null)
    return { map: { entry: Object.entries(value).map(([key, inner]) => ({ key, ...contentOf(inner) })) } };
  return { value: value === null || value === undefined ? '' : legal(String(value)) };
}

/** XML knows no other control characters. */
function legal(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}

/** name → value, list or map; numbers and booleans as such when the stack gave them so. */
export function outputValues({ outputs }: Pick<ClusterState, 'outputs'>): Readonly<Record<string, unknown>> {
  return Object.fromEntries((outputs?.output ?? []).map((output) => [output.name, typed(output.type, plain(output))]));
}

function plain({ value, list, map }: Content): unknown {
  if (list !== undefined) return (list.item ?? []).map(plain);
  if (map !== undefined) return Object.fromEntries((map.entry ?? []).map((entry) => [entry.key, plain(entry)]));
  return value ?? '';
}

function typed(type: string | undefined, value: unknown): unknown {
  if (type === 'number') return Number(value);
  return type === 'boolean' ? value === 'true' : value;
}
