import { readFileSync } from 'node:fs';

/** Schemas of shipped interfaces by their names. */
export function schemasOf(names: readonly string[]) {
  return names.map((name) => ({
    ns: `urn:facetry:${name}`,
    xsd: readFileSync(new URL(`../../facets/${name}/${name}.xsd`, import.meta.url), 'utf8'),
  }));
}
