/** Everything a stack is made from, gathered from the directory and the vault. */
import { parse } from 'yaml';
import { type Client, type FacetObject, type FacetValue, list, type ResourceDocument } from '../client/index.js';
import { Problem } from '../model/index.js';

export interface Blueprint {
  readonly implementation: string;
  readonly appliance: string;
  /** sites it is made for; none: any */
  readonly sites: readonly string[];
  readonly template: string;
  /** name → content of what the template draws on */
  readonly files: Readonly<Record<string, string>>;
  /** outputs without which the cluster has failed */
  readonly declared: readonly string[];
  readonly secretOutputs: readonly string[];
  readonly secretParameters: readonly string[];
  /** values of parameters that were not given */
  readonly defaults: Readonly<Record<string, string>>;
  /** parameters that the template has */
  readonly understood: readonly string[];
  readonly resourceTypes: readonly string[];
  readonly images: readonly string[];
  readonly scopes: readonly string[];
}

interface Template {
  readonly parameters?: Readonly<Record<string, { readonly hidden?: boolean } | null>> | null;
  readonly resources?: Readonly<Record<string, { readonly type?: string } | null>> | null;
}

export async function readBlueprint(client: Client, id: string): Promise<Blueprint> {
  const document = await need(client, id);
  const made = facetOf(document, 'implementation', id);
  const appliance = String(made.applianceRef);
  const asked = facetOf(await need(client, appliance), 'appliance', appliance);
  const parameters = [...inside(asked.parameters, 'parameter'), ...inside(made.parameters, 'parameter')];
  const template = String(made.template);
  const files = Object.fromEntries(inside(made.files, 'file').map((one) => [String(one.name), String(one.content ?? '')]));
  const read = readTemplate(template, id);
  const nested = Object.entries(files)
    .filter(([name]) => /\.(?:yaml|yml|template)$/.test(name))
    .map(([, text]) => readTemplate(text, id));
  const hidden = Object.entries(read.parameters ?? {}).filter(([, one]) => one?.hidden === true);
  return {
    implementation: id,
    appliance,
    sites: list(made.siteRef).map(String),
    template,
    files,
    declared: inside(asked.outputs, 'output').map((one) => String(one.name)),
    secretOutputs: list((made.secretOutputs as FacetObject | undefined)?.name).map(String),
    secretParameters: [
      ...hidden.map(([name]) => name),
      ...parameters.filter((one) => one.hidden === 'true').map((one) => String(one.name)),
    ],
    defaults: Object.fromEntries(parameters.flatMap((one) => (one.default === undefined ? [] : [[String(one.name), String(one.default)]]))),
    understood: Object.keys(read.parameters ?? {}),
    resourceTypes: [...new Set([read, ...nested].flatMap(typesIn))],
    images: inside(made.images, 'image').map((one) => String(one.name)),
    scopes: document.scopes,
  };
}

function typesIn({ resources }: Template): readonly string[] {
  return Object.values(resources ?? {}).flatMap((one) => (one?.type === undefined ? [] : [one.type]));
}

function readTemplate(text: string, id: string): Template {
  try {
    return (parse(text) ?? {}) as Template;
  } catch (error) {
    throw new Problem('bad-request', { detail: `the template of ${id} is not YAML: ${(error as Error).message.split('\n')[0]}` });
  }
}

export function facetOf(document: ResourceDocument, name: string, id: string): FacetObject {
  const found = document.facet(`Q{urn:facetry:${name}}${name}`);
  if (found === undefined) throw new Problem('conflict', { detail: `the resource ${id} has no facet ${name}` });
  return found.value as FacetObject;
}

export async function need(client: Client, id: string): Promise<ResourceDocument> {
  const found = await client.get(id);
  if (found === undefined) throw new Problem('not-found', { detail: `there is no resource "${id}"` });
  return found.read();
}

function inside(value: FacetValue | undefined, name: string): readonly FacetObject[] {
  return list((value as FacetObject | undefined)?.[name]) as readonly FacetObject[];
}
