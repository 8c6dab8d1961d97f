/** Resources with one facet, made from what the command line says. */
import { RESOURCE_NS } from '../../client/index.js';
import { escapeText } from '../../xml/index.js';
import { UsageError } from '../exit-code.js';
import { printPublished } from '../output/published.js';
import { outputOf } from '../output-form.js';
import type { Session } from '../session.js';

/** local name → text, several, or elements inside; undefined is left out. */
export interface Elements {
  readonly [local: string]: string | undefined | Elements | readonly (string | Elements)[];
}

export const USUAL_SCOPE = '/clusters';

export async function describe(session: Session, id: string, facet: string, content: Elements): Promise<void> {
  const form = outputOf(session, ['table', 'json', 'yaml', 'name', 'value']);
  const scope = session.settings.scope ?? USUAL_SCOPE;
  const inside = elements({ [facet]: content }, `xmlns="urn:facetry:${facet}"`);
  const document = `<resource xmlns="${RESOURCE_NS}"><scope>${scope}</scope>${inside}</resource>`;
  const published = await session.client.put(id, document, {
    ifAbsent: true,
    signal: session.terminal.interrupted,
  });
  await printPublished(session, form, id, published, false);
}

function elements(content: Elements, attributes = ''): string {
  return Object.entries(content)
    .flatMap(([local, value]) => (Array.isArray(value) ? value : [value]).map((one) => [local, one] as const))
    .map(([local, one]) => {
      if (one === undefined) return '';
      const start = attributes === '' ? local : `${local} ${attributes}`;
      return `<${start}>${typeof one === 'string' ? escapeText(one) : elements(one as Elements)}</${local}>`;
    })
    .join('');
}

/** An option that must be there. */
export function needed(options: Readonly<Record<string, unknown>>, name: string, key: string = name): string {
  const value = options[key];
  if (typeof value !== 'string' || value === '') throw new UsageError(`--${name} is missing`);
  return value;
}

export function texts(value: unknown): readonly string[] {
  return (value as readonly string[] | undefined) ?? [];
}

/** `name=value` pairs. */
export function pairs(name: string, values: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    values.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new UsageError(`--${name} must be NAME=VALUE, not "${text}"`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** Who asks, where the directory knows no callers: the user of this machine. */
export function ownerOf({ terminal }: Session, options: Readonly<Record<string, unknown>>): string {
  return (options.owner as string | undefined) ?? terminal.env.USER ?? terminal.env.LOGNAME ?? 'nobody';
}
