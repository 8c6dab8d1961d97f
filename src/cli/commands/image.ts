/** `facetry image`: the machine images that templates start from. */
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { facetOf, glanceOf, openCloud, openCredential } from '../../cluster/index.js';
import { Problem } from '../../model/index.js';
import { describe, needed } from '../clusters/describe.js';
import { DESCRIBED, describedAction, nameOf } from '../clusters/described.js';
import { vaultOf } from '../clusters/vault-folder.js';
import type { CommandSpec } from '../command.js';
import { progressBar } from '../output/progress.js';
import type { Session } from '../session.js';

type Options = Readonly<Record<string, unknown>>;

const IMAGE = { facet: 'image', columns: { name: 'name', format: 'diskFormat', bytes: 'sizeBytes' } };

export const image: CommandSpec = {
  name: 'image',
  summary: 'Describe an image, and bring it to sites',
  description:
    'create: describes the file, with its size and SHA-512. upload: sends it to the site of a credential unless the site holds it, active and with that checksum; a file other than the one described is refused.',
  arguments: [
    { form: '<ACTION>', about: 'what to do', choices: ['create', 'upload', ...DESCRIBED] },
    { form: '[NAME]', about: 'the id of the resource' },
  ],
  options: [
    ['--file <FILE>', 'the image'],
    ['--title <TEXT>', 'create: its name, as templates spell it (default: NAME)'],
    ['--disk-format <FORMAT>', 'create: qcow2, raw, … (default: qcow2)'],
    ['--source <URL>', 'create: where it can be fetched from'],
    ['--credential <ID>', 'upload: the way into the site'],
  ],
  examples: [
    ['facetry image create debian-12 --file debian-12.qcow2', 'describe it'],
    ['facetry image upload debian-12 --file debian-12.qcow2 --credential cnaf-ada', 'bring it to a site'],
  ],
  async run(session, [action, given], options) {
    if (await describedAction(session, action, given, IMAGE)) return;
    const name = nameOf(given);
    const path = resolve(session.terminal.cwd, needed(options, 'file'));
    if (action === 'upload') return await upload(session, name, path, options);
    const content = {
      name: String(options.title ?? name),
      diskFormat: String(options.diskFormat ?? 'qcow2'),
      containerFormat: 'bare',
      sizeBytes: String(statSync(path).size),
      checksum: { algorithm: 'sha512', value: await sha512(path) },
      source: options.source as string | undefined,
    };
    await describe(session, name, 'image', content);
  },
};

async function upload(session: Session, id: string, path: string, options: Options): Promise<void> {
  const { client, terminal, settings, print } = session;
  const found = await client.get(id);
  if (found === undefined)
    throw new Problem('not-found', { detail: `there is no image "${id}"`, hint: 'facetry image create describes one' });
  const { name, checksum, diskFormat = 'qcow2', containerFormat = 'bare' } = facetOf(found.read(), 'image', id);
  const { algorithm, value } = (checksum ?? {}) as { algorithm?: string; value?: string };
  const digest = await sha512(path);
  if (algorithm === 'sha512' && value !== digest)
    throw new Problem('conflict', { detail: `the file is not the one that ${id} describes: its SHA-512 is another` });
  const credential = await openCredential(client, vaultOf(session, false), needed(options, 'credential'));
  const glance = glanceOf(openCloud(credential.login));
  const held = (await glance.find(String(name))).find((one) => one.status === 'active' && one.os_hash_value === digest);
  if (held !== undefined) return await print(`${credential.site} holds ${id} already\n`);
  const size = statSync(path).size;
  const bar = progressBar(terminal, 'uploading', { quiet: settings.quiet, unit: 'bytes' });
  try {
    const about = { name: String(name), diskFormat: String(diskFormat), containerFormat: String(containerFormat) };
    const sent = await glance.upload(about, createReadStream(path), (bytes) => bar.update(bytes, size));
    if (sent.os_hash_value !== digest)
      throw new Problem('site-refused', { detail: `${credential.site} has received another file: its checksum is ${sent.os_hash_value}` });
  } finally {
    bar.stop();
  }
  await print(`${id} is active at ${credential.site}\n`);
}

async function sha512(path: string): Promise<string> {
  const hash = createHash('sha512');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}
