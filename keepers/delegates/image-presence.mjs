/**
 * Which images a site holds: facet {urn:facetry:imagePresence}imagePresence, for the resource of the site or one beside it. A template
 * needs its image at every site where it is used; whoever looks for a site asks here.
 */
import { LOGIN, openSite } from '../openstack/site.mjs';

/** @type {import('facetry/delegate').Delegate} */
export default {
  name: 'image-presence',
  version: '1.0.0',
  provides: ['Q{urn:facetry:imagePresence}imagePresence'],
  config: {
    type: 'object',
    properties: {
      ...LOGIN,
      siteRef: { type: 'string', description: 'id of the resource that describes the site' },
      images: { type: 'array', items: { type: 'string' }, minItems: 1, description: 'names, as templates spell them' },
    },
    required: ['authUrl', 'siteRef', 'images'],
    additionalProperties: false,
  },

  /** One row for each image that is there. */
  async list({ config, signal }) {
    const site = await openSite(config, signal);
    const found = await Promise.all(config.images.map((name) => imagesNamed(site, name)));
    return found.flat().map(({ id, name, status }) => ({ image: id, name, status }));
  },

  async collect({ config, signal }) {
    const site = await openSite(config, signal);
    const image = await Promise.all(config.images.map(async (name) => presenceOf(name, await imagesNamed(site, name))));
    return { siteRef: config.siteRef, images: { image } };
  },
};

async function imagesNamed(site, name) {
  const { images } = await site.get('image', `/v2/images?${new URLSearchParams({ name, limit: '100', sort: 'created_at:desc' })}`);
  return images;
}

/** The newest that can be used, else the newest. */
function presenceOf(name, found) {
  const one = found.find(({ status }) => status === 'active') ?? found[0];
  const { id, status, size, os_hash_algo: algorithm, os_hash_value: value } = one ?? {};
  return {
    name,
    present: status === 'active',
    status,
    imageId: id,
    sizeBytes: size ?? undefined,
    checksum: algorithm && value ? { algorithm, value } : undefined,
  };
}
