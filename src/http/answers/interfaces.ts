/** What the registry of interfaces answers. */
import { z } from 'zod';
import type { CorpusReading, InterfaceCheck, InterfaceDescription, InterfaceSummary } from '../../directory/index.js';
import { ANSWER_NS, type ExplainedElement, INTERFACE_KINDS, INTERFACE_STATES } from '../../model/index.js';
import { element, text, XML_DECLARATION } from '../xml-text.js';
import { noticeXml } from './published.js';
import { violation } from './shapes.js';

/** `<interfaces xmlns="urn:facetry:answer"><interface ns="urn:f" prefix="f"><element>hw</element></interface></interfaces>` */
export function interfacesXml(interfaces: readonly InterfaceSummary[]): string {
  const entries = interfaces.map(({ ns, prefix, elements, documentation, origin, inForce, kind, status, version, resource }) => {
    const inside = elements.map((name) => element('element', {}, text(name))).join('');
    const said = documentation === undefined ? '' : element('documentation', {}, text(documentation));
    return `\n${element('interface', { ns, prefix, origin, inForce: inForce ? undefined : false, kind, status, version, resource }, inside + said)}`;
  });
  return `${XML_DECLARATION}${element('interfaces', { xmlns: ANSWER_NS }, `${entries.join('')}\n`)}\n`;
}

export function summaryJson(summary: InterfaceSummary): object {
  const { ns, prefix, elements, documentation, origin, inForce, kind, status, version, resource } = summary;
  return { ns, prefix, elements, documentation, origin, inForce, kind, status, version, resource };
}

export function interfaceJson(described: InterfaceDescription, content: readonly ExplainedElement[]): object {
  const { facet, imports, importedBy, resources, schema } = described;
  const { appliesTo, supersedes, agreement, localName, sample } = facet ?? {};
  return {
    ...summaryJson(described),
    localName,
    appliesTo,
    supersedes,
    agreement,
    imports,
    importedBy,
    resources,
    content,
    sample,
    schema,
  };
}

/** `<check xmlns="urn:facetry:answer" ns="urn:f" kind="incompatible" resources="3" invalid="1"><change …/><resource …/></check>` */
export function checkXml({ ns, kind, changes, corpus }: InterfaceCheck): string {
  const changed = changes.map(({ path, what, compatible }) => element('change', { path, compatible }, text(what))).join('');
  return `${XML_DECLARATION}${element('check', { xmlns: ANSWER_NS, ns, kind, ...counts(corpus) }, changed + invalidXml(corpus))}\n`;
}

/** `<violations xmlns="urn:facetry:answer" ns="urn:f" resources="3" invalid="1"><resource id="a" violations="1">…</resource></violations>` */
export function violationsXml(ns: string, corpus: CorpusReading): string {
  return `${XML_DECLARATION}${element('violations', { xmlns: ANSWER_NS, ns, ...counts(corpus) }, invalidXml(corpus))}\n`;
}

function counts({ resources, invalid }: CorpusReading): { readonly resources: number; readonly invalid: number } {
  return { resources, invalid };
}

function invalidXml({ listed }: CorpusReading): string {
  return listed
    .map(({ id, owners, violation: first, violations }) => {
      const kept = owners.map((owner) => element('owner', {}, text(owner))).join('');
      return element('resource', { id, violations }, kept + noticeXml(first, 'violation'));
    })
    .join('');
}

const summary = {
  ns: z.string(),
  prefix: z.string(),
  elements: z.array(z.string()),
  documentation: z.string().optional(),
  origin: z.enum(['shipped', 'registered']).meta({ description: 'with the directory, or by a resource' }),
  inForce: z.boolean().meta({ description: 'false: retired, or its schema cannot be used' }),
  kind: z.enum(INTERFACE_KINDS).optional(),
  status: z.enum(INTERFACE_STATES).optional(),
  version: z.string().optional(),
  resource: z.string().optional().meta({ description: 'id of the resource that registers it, if the caller sees that' }),
};

export const interfacesShape = z.strictObject({ interfaces: z.array(z.strictObject(summary)) }).meta({ id: 'Interfaces' });

export const interfaceShape = z
  .strictObject({
    ...summary,
    localName: z.string().optional(),
    appliesTo: z.array(z.string()).optional(),
    supersedes: z.array(z.string()).optional(),
    agreement: z.strictObject({ parties: z.array(z.string()), date: z.string().optional(), text: z.string().optional() }).optional(),
    imports: z.array(z.string()),
    importedBy: z.array(z.string()),
    resources: z.int().meta({ description: 'visible resources with facets of it' }),
    content: z
      .array(z.looseObject({ name: z.string(), type: z.string(), occurs: z.string(), documentation: z.string().optional() }))
      .meta({ description: 'its elements, each with its `children` of the same shape' }),
    sample: z.string().optional(),
    schema: z.string(),
  })
  .meta({ id: 'Interface' });

const corpus = {
  resources: z.int().meta({ description: 'visible resources that were read' }),
  invalid: z.int(),
  listed: z
    .array(z.strictObject({ id: z.string(), owners: z.array(z.string()), violation, violations: z.int() }))
    .meta({ description: 'the first of them, in publication order, each with its first violation' }),
};

export const violationsShape = z.strictObject({ ns: z.string(), ...corpus }).meta({ id: 'InterfaceViolations' });

export const checkShape = z
  .strictObject({
    ns: z.string(),
    kind: z.enum(['new', 'identical', 'compatible', 'incompatible']),
    changes: z.array(z.strictObject({ path: z.string(), what: z.string(), compatible: z.boolean() })),
    ...corpus,
  })
  .meta({ id: 'InterfaceCheck' });
