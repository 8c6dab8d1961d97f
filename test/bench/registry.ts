/** How long do many interfaces take to come into force? `node --import tsx test/bench/registry.ts [COUNT]`. */
import { createXmlPool } from '../../src/xml/index.js';

const count = Number(process.argv[2] ?? 200);
const field = (k: number) =>
  `<xs:element name="field${k}" type="f:text" minOccurs="0"><xs:annotation><xs:documentation>Field ${k}, in units.</xs:documentation></xs:annotation></xs:element>`;
const schemas = Array.from({ length: count }, (_, k) => {
  const ns = `urn:many:${k}`;
  const imported = [k - 1, k - 7, Math.floor(k / 2)].filter((other) => other >= 0 && other < k);
  const imports = [...new Set(imported)].map((other) => `<xs:import namespace="urn:many:${other}"/>`).join('');
  const refs = [...new Set(imported)].map((other) => `<xs:element xmlns:o="urn:many:${other}" ref="o:facet" minOccurs="0"/>`).join('');
  const xsd = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:f="${ns}" targetNamespace="${ns}" elementFormDefault="qualified">${imports}<xs:element name="facet"><xs:complexType><xs:sequence>${Array.from({ length: 20 }, (_, n) => field(n)).join('')}${refs}</xs:sequence></xs:complexType></xs:element><xs:simpleType name="text"><xs:restriction base="xs:token"><xs:minLength value="1"/></xs:restriction></xs:simpleType></xs:schema>`;
  return { ns, xsd };
});

const pool = await createXmlPool({ workers: 1 });
const times: number[] = [];
for (let round = 0; round < 5; round++) {
  await pool.setSchemas([]);
  // the instance that stands by is there again
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const began = performance.now();
  await pool.setSchemas(schemas);
  times.push(Math.round(performance.now() - began));
}
const before = performance.now();
await pool.setSchemas([...schemas, { ns: 'urn:one', xsd: (schemas[0]?.xsd ?? '').replaceAll('urn:many:0', 'urn:one') }]);
const one = Math.round(performance.now() - before);
await pool.close();
const bytes = schemas.reduce((sum, { xsd }) => sum + xsd.length, 0);
process.stdout.write(`${count} interfaces, ${Math.round(bytes / 1024)} KiB, with imports: ${times.join(', ')} ms; one more: ${one} ms\n`);
