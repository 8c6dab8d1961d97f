/** A site of computational resources, as its keeper knows it: facet {urn:facetry:site}site, said by the configuration. */
const text = { type: 'string', minLength: 1 };
const count = { type: 'integer', minimum: 0 };

/** @type {import('facetry/delegate').Delegate} */
export default {
  name: 'site',
  version: '1.0.0',
  provides: ['Q{urn:facetry:site}site'],
  config: {
    type: 'object',
    properties: {
      name: text,
      url: text,
      apiType: text,
      apiVersion: text,
      region: text,
      country: { type: 'string', pattern: '^[A-Z]{2}$' },
      location: {
        type: 'object',
        properties: { latitude: { type: 'number' }, longitude: { type: 'number' } },
        required: ['latitude', 'longitude'],
        additionalProperties: false,
      },
      contact: { type: 'object', properties: { name: text, email: text }, additionalProperties: false },
      quota: {
        type: 'object',
        properties: { vcpus: count, memoryMb: count, storageGb: count, instances: count },
        additionalProperties: false,
      },
      endpoints: {
        type: 'array',
        items: { type: 'object', properties: { kind: text, url: text, version: text }, required: ['kind', 'url'] },
      },
      caCertificate: text,
    },
    required: ['name', 'url'],
    additionalProperties: false,
  },
  collect({
    config: { name, url, apiType = 'openstack', apiVersion, region, country, location, contact, quota, endpoints = [], caCertificate },
  }) {
    return {
      name,
      url,
      apiType,
      apiVersion,
      region,
      country,
      location: location && { latitude: location.latitude, longitude: location.longitude },
      contact: contact && { name: contact.name, email: contact.email },
      quota: quota && { vcpus: quota.vcpus, memoryMb: quota.memoryMb, storageGb: quota.storageGb, instances: quota.instances },
      endpoints:
        endpoints.length === 0 ? undefined : { endpoint: endpoints.map((one) => ({ kind: one.kind, url: one.url, version: one.version })) },
      caCertificate,
    };
  },
};
