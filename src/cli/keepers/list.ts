/** `facetry keeper list`: which keepers are there, and how do their delegates do? As they say themselves, in the directory. */
import { type FacetObject, list, readResource } from '../../client/index.js';
import { structured } from '../output/structured.js';
import { cell, table } from '../output/table.js';
import { outputOf } from '../output-form.js';
import type { Session } from '../session.js';

interface Listed {
  readonly id: string;
  readonly hostname: string;
  readonly resources: number;
  readonly delegates: number;
  /** those whose last run did not go well: `name: status, in words` */
  readonly failing: readonly string[];
}

export async function listKeepers(session: Session): Promise<void> {
  const form = outputOf(session, ['table', 'json', 'yaml', 'name']);
  const found: Listed[] = [];
  const namespaces = { k: 'urn:facetry:keeper' };
  for await (const node of session.client.discover('/r:resource[k:keeper]', { namespaces }))
    if (node.kind === 'element') found.push(read(node.xml));
  if (form === 'name') await session.print(found.map(({ id }) => `${id}\n`).join(''));
  else if (form !== 'table') await session.print(structured(form, found));
  else {
    const rows = found.map(({ id, hostname, resources, delegates, failing }) =>
      [id, hostname, String(resources), String(delegates), failing.join('; ') || '-'].map(cell),
    );
    await session.print(table(['ID', 'HOST', 'RESOURCES', 'DELEGATES', 'FAILING'], rows, session.colors.out));
  }
}

function read(xml: string): Listed {
  const document = readResource(xml);
  const keeper = document.facet<FacetObject>('Q{urn:facetry:keeper}keeper')?.value ?? {};
  const delegates = list((keeper.delegates as FacetObject | undefined)?.delegate) as readonly FacetObject[];
  return {
    id: document.id,
    hostname: String(keeper.hostname ?? ''),
    resources: list((keeper.resources as FacetObject | undefined)?.resource).length,
    delegates: delegates.length,
    failing: delegates
      .filter(({ status }) => status !== undefined && status !== 'ok')
      .map(({ name, status, error }) => `${name}: ${status}${error === undefined ? '' : `, ${error}`}`),
  };
}
