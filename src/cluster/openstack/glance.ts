import type { Cloud } from './cloud.js';

export interface GlanceImage {
  readonly id: string;
  readonly name: string;
  /** queued, saving, active, … */
  readonly status: string;
  readonly size?: number | null;
  /** MD5 */
  readonly checksum?: string | null;
  readonly os_hash_algo?: string | null;
  readonly os_hash_value?: string | null;
}

export interface NewImage {
  readonly name: string;
  readonly diskFormat: string;
  readonly containerFormat: string;
}

export function glanceOf(cloud: Cloud) {
  return {
    async find(name: string): Promise<readonly GlanceImage[]> {
      const query = new URLSearchParams({ name, limit: '100' });
      return (await cloud.json<{ images: readonly GlanceImage[] }>('image', `/v2/images?${query}`, { what: `look for the image ${name}` }))
        .images;
    },
    /** Makes the record and sends the bytes; one without all its bytes is taken away again. */
    async upload(
      { name, diskFormat, containerFormat }: NewImage,
      bytes: AsyncIterable<Uint8Array>,
      onSent: (bytes: number) => void = () => {},
    ) {
      const what = `upload the image ${name}`;
      const body = { name, disk_format: diskFormat, container_format: containerFormat };
      const { id } = await cloud.json<GlanceImage>('image', '/v2/images', { method: 'POST', json: body, what });
      const place = `/v2/images/${id}`;
      try {
        const stream = counted(bytes, onSent);
        await cloud.request('image', `${place}/file`, {
          method: 'PUT',
          bytes: { type: 'application/octet-stream', stream },
          timeout: 3_600_000,
          what,
        });
        return await cloud.json<GlanceImage>('image', place, { what });
      } catch (error) {
        await cloud.request('image', place, { method: 'DELETE', what: `take the image ${name} away` }).catch(() => undefined);
        throw error;
      }
    },
    async remove(id: string): Promise<void> {
      await cloud.request('image', `/v2/images/${encodeURIComponent(id)}`, { method: 'DELETE', what: `delete the image ${id}` });
    },
  };
}

export type Glance = ReturnType<typeof glanceOf>;

async function* counted(bytes: AsyncIterable<Uint8Array>, onSent: (bytes: number) => void): AsyncIterable<Uint8Array> {
  let sent = 0;
  for await (const piece of bytes) {
    yield piece;
    sent += piece.byteLength;
    onSent(sent);
  }
}
