import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { routes } from '../../src/http/index.js';
import { openApiOf } from '../../src/http/openapi.js';
import { PROBLEMS } from '../../src/model/index.js';
import { resourceXml } from '../directory/open-test-directory.js';
import { type Running, run } from './running.js';

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema: Record<string, unknown> }[];
  readonly requestBody?: { content: Record<string, unknown> };
  readonly responses: Record<
    string,
    { description: string; headers?: Record<string, unknown>; content?: Record<string, { schema: object }> }
  >;
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object> };
}

const XSD =
  '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:known"><xs:element name="hw" type="xs:string"/></xs:schema>';

const NEXT = XSD.replace('xs:string', 'xs:token');
const INTERFACE_XSD = readFileSync(new URL('../../facets/interface/interface.xsd', import.meta.url), 'utf8');

describe('http/openapi', () => {
  let server: Running;
  let document: Document;
  before(async () => {
    server = await run({
      schemas: [
        { ns: 'urn:known', xsd: XSD },
        { ns: 'urn:facetry:interface', xsd: INTERFACE_XSD },
      ],
    });
    document = (await server.agent.get('/openapi.json').expect(200)).body;
    await server.agent.put('/resources/a').type('application/xml').send(resourceXml('a')).expect(201);
    await server.agent.put('/resources/b').type('application/xml').send(resourceXml('b')).expect(201);
  });
  after(() => server.stop());

  it('is OpenAPI 3.1 and lists every route of the table, and the metrics', () => {
    expect(document.openapi).to.equal('3.1.0');
    const listed = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    );
    expect(listed).to.have.members([...routes().map(({ method, path }) => `${method} ${path}`), 'get /metrics']);
    const ids = Object.values(document.paths).flatMap((operations) => Object.values(operations).map(({ operationId }) => operationId));
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('is made of valid JSON Schemas whose references resolve', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ ...document, $id: 'api' } as object, 'api');
    for (const name of Object.keys(document.components.schemas))
      expect(ajv.getSchema(`api#/components/schemas/${name}`), name).to.be.a('function');
    for (const [, reference] of JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g))
      expect(document.components.schemas).to.have.property(reference as string);
  });

  it('has every parameter a route reads, with a description', () => {
    const { parameters = [] } = (document.paths['/discover'] as Record<string, Operation>).get as Operation;
    expect(parameters.map(({ name }) => name)).to.include.members([
      'xpath',
      'limit',
      'cursor',
      'count',
      'explain',
      'timeout',
      'format',
      'namespaces',
      'variables',
    ]);
    expect(parameters.find(({ name }) => name === 'limit')?.schema).to.include({ type: 'integer', minimum: 0 });
    expect(parameters.find(({ name }) => name === 'xpath')?.required).to.equal(true);
    for (const operations of Object.values(document.paths))
      for (const { operationId, parameters: all = [] } of Object.values(operations))
        for (const parameter of all)
          expect(
            (parameter as { description?: string }).description ?? (parameter.schema as { description?: string }).description,
            `${operationId} ${parameter.name}`,
          ).to.be.a('string');
  });

  it('every code of the table is documented somewhere, or cannot come from a route', () => {
    const text = JSON.stringify(openApiOf(routes(), '0'));
    const elsewhere = [
      'method-not-allowed',
      'quota-exceeded',
      'site-refused',
      'site-unreachable',
      'unknown-method',
      'store-locked',
      'invalid-schema',
    ];
    const missing = Object.keys(PROBLEMS).filter((code) => !text.includes(`\`${code}\``));
    expect(missing).to.have.members(missing.filter((code) => elsewhere.includes(code)));
  });

  describe('answers are as it says', () => {
    const cases: readonly (readonly [
      operation: string,
      path: string,
      init: RequestInit & { headers?: Record<string, string> },
      status: number,
    ])[] = [
      ['get /resources/{id}', '/resources/a', {}, 200],
      ['get /resources/{id}', '/resources/a', { headers: { 'If-None-Match': '*' } }, 304],
      ['get /resources/{id}', '/resources/missing', {}, 404],
      ['get /resources/{id}', '/resources/a', { headers: { 'If-Match': '"x"' } }, 412],
      ['get /resources/{id}', '/resources/a?x=1', {}, 400],
      ['get /resources/{id}', '/resources/a', { headers: { Accept: 'text/html' } }, 406],
      ['put /resources/{id}', '/resources/p', { method: 'PUT', body: resourceXml('p') }, 201],
      ['put /resources/{id}', '/resources/p', { method: 'PUT', body: resourceXml('p') }, 200],
      ['put /resources/{id}', '/resources/p?dryRun', { method: 'PUT', body: resourceXml('p', { cpu: '5' }) }, 200],
      ['put /resources/{id}', '/resources/p', { method: 'PUT', body: '<a/>' }, 422],
      ['put /resources/{id}', '/resources/p', { method: 'PUT', body: '<a' }, 400],
      ['put /resources/{id}', '/resources/p', { method: 'PUT', body: 'x', headers: { 'Content-Type': 'text/plain' } }, 415],
      ['put /resources/{id}', '/resources/p', { method: 'PUT', body: 'x'.repeat(1024 * 1024 + 1) }, 413],
      ['post /resources', '/resources', { method: 'POST', body: resourceXml('q') }, 201],
      ['post /resources', '/resources', { method: 'POST', body: resourceXml('q') }, 409],
      ['post /resources', '/resources?dryRun', { method: 'POST', body: resourceXml('z') }, 200],
      ['post /resources', '/resources', { method: 'POST', body: `<resources>${resourceXml('r')}</resources>` }, 200],
      [
        'post /resources',
        '/resources?atomic=false',
        { method: 'POST', body: `<resources>${resourceXml('r')}<x/>${resourceXml('s')}</resources>` },
        207,
      ],
      ['get /resources', '/resources?limit=1', {}, 200],
      ['get /discover', '/discover?xpath=/*|//@id&limit=1', {}, 200],
      ['get /discover', '/discover?xpath=//f:cpu|//text()|/&ns.f=urn:f&explain', {}, 200],
      ['get /discover', '/discover?xpath=1 div 0', {}, 200],
      ['get /discover', '/discover?xpath=1=1', {}, 200],
      ['get /discover', '/discover?xpath=string(/)', {}, 200],
      ['get /discover', '/discover?xpath=//[', {}, 400],
      ['post /discover', '/discover', { method: 'POST', body: '{"xpath":"1"}', headers: { 'Content-Type': 'application/json' } }, 200],
      ['post /discover', '/discover', { method: 'POST', body: '<a/>' }, 415],
      ['get /interfaces', '/interfaces', {}, 200],
      ['get /interfaces/{ns}', '/interfaces/urn:unknown', { headers: { Accept: 'application/problem+json, application/xml;q=0.9' } }, 404],
      ['get /interfaces/{ns}', '/interfaces/urn:known', { headers: { Accept: 'application/xml' } }, 200],
      ['get /interfaces/{ns}', '/interfaces/urn:known', {}, 200],
      ['get /interfaces/{ns}/violations', '/interfaces/urn:known/violations', {}, 200],
      ['post /interfaces/{ns}/check', '/interfaces/urn:known/check', { method: 'POST', body: NEXT }, 200],
      ['put /interfaces/{ns}', '/interfaces/urn:known', { method: 'PUT', body: NEXT }, 201],
      ['put /interfaces/{ns}', '/interfaces/urn:known', { method: 'PUT', body: '<a/>' }, 422],
      ['get /interfaces', '/interfaces', {}, 200],
      ['delete /interfaces/{ns}', '/interfaces/urn:known', { method: 'DELETE' }, 204],
      ['get /readyz', '/readyz?verbose', {}, 200],
      ['get /livez', '/livez', {}, 200],
      ['delete /resources/{id}', '/resources/p', { method: 'DELETE' }, 204],
      ['get /openapi.json', '/openapi.json', {}, 200],
    ];
    for (const [operation, path, init, status] of cases) {
      it(`${init.method ?? 'GET'} ${path.slice(0, 60)} → ${status}`, async () => {
        const [method, template] = operation.split(' ') as [string, string];
        const documented = document.paths[template]?.[method] as Operation;
        const answer = await fetch(server.url + path, {
          ...init,
          headers: {
            Accept: 'application/json',
            ...(init.body === undefined ? {} : { 'Content-Type': 'application/xml' }),
            ...init.headers,
          },
        });
        const text = await answer.text();
        expect(answer.status, text).to.equal(status);
        const response = documented.responses[String(status)];
        expect(response, `${operation} documents ${status}`).to.not.equal(undefined);
        for (const name of Object.keys(response?.headers ?? {}))
          if (name !== 'Link') expect(answer.headers.get(name), name).to.not.equal(null);
        if (text === '') return expect(response?.content).to.equal(undefined);
        const type = (answer.headers.get('content-type') as string).split(';')[0] as string;
        expect(Object.keys(response?.content ?? {}), 'documented media types').to.include(type);
        if (!type.endsWith('json')) return;
        const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
        ajv.addSchema({ ...document, $id: 'api' } as object, 'api');
        const pointer = ['paths', template, method, 'responses', String(status), 'content', type, 'schema']
          .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
          .join('/');
        const validate = ajv.getSchema(`api#/${pointer}`) as NonNullable<ReturnType<typeof ajv.getSchema>>;
        expect(validate(JSON.parse(text)), `${JSON.stringify(validate.errors)}\n${text.slice(0, 500)}`).to.equal(true);
      });
    }
  });
});
