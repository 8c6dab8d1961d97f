/** The smallest resource that carries a value, for tests that only care whether a write is there. */
export function resource(id: string, value: string | number, padding = ''): string {
  return `<resource xmlns="http://gcube-system.org/namespaces/resource" xmlns:t="urn:facetry:test" id="${id}"><scope>/test</scope><t:mark><t:value>${value}</t:value>${padding === '' ? '' : `<t:padding>${padding}</t:padding>`}</t:mark></resource>`;
}

/** The value that a resource of `resource()` carries. */
export function markOf(xml: Buffer | string): string | undefined {
  return /<t:value>([^<]*)<\/t:value>/.exec(xml.toString())?.[1];
}
