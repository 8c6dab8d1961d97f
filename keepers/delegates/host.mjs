/**
 * The machine a keeper runs on: facet {urn:facetry:host}host. Memory in MiB, disks in GB (10^9 bytes), clock in MHz, uptime in seconds.
 *
 * What changes by itself all the time (free memory and disk space, load, uptime) is told with `volatile: true` only: each change
 * of it is a change in the directory.
 */
import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import * as os from 'node:os';

/** File systems that hold no data of their own. */
const REAL = /^(?:ext[234]|xfs|btrfs|zfs|f2fs|vfat|ntfs3?|overlay|nfs4?|ceph|apfs|ufs)$/;

/** @type {import('facetry/delegate').Delegate} */
export default {
  name: 'host',
  version: '1.0.0',
  provides: ['Q{urn:facetry:host}host'],
  config: {
    type: 'object',
    properties: { siteRef: { type: 'string' }, volatile: { type: 'boolean' } },
    additionalProperties: false,
  },
  async collect({ config }) {
    const changing = config.volatile === true;
    const cpus = os.cpus();
    const { cores, sockets } = topology();
    const networks = Object.entries(os.networkInterfaces()).filter(([, all]) => all?.some(({ internal }) => !internal));
    return {
      hostname: os.hostname(),
      address: networks.flatMap(([, all]) => all.map(({ address }) => address)),
      siteRef: config.siteRef,
      cpu: {
        model: cpus[0]?.model.trim() || undefined,
        architecture: os.machine(),
        sockets,
        cores,
        threads: cpus.length || undefined,
        mhz: cpus[0]?.speed || undefined,
      },
      memoryMb: Math.round(os.totalmem() / 2 ** 20),
      memoryFreeMb: changing ? Math.round(os.freemem() / 2 ** 20) : undefined,
      os: { ...release(), kernel: os.release() },
      disks: some({ disk: await disks(changing) }),
      interfaces: some({
        interface: networks.map(([name, all]) => ({ name, address: all.map(({ address }) => address), mac: all[0].mac, mtu: mtuOf(name) })),
      }),
      load: changing ? load() : undefined,
      uptimeSeconds: changing ? Math.round(os.uptime()) : undefined,
    };
  },
};

/** An element that must not be empty is left out when it would be. */
function some(content) {
  return Object.values(content).some((list) => list.length > 0) ? content : undefined;
}

function load() {
  const [last1Min, last5Min, last15Min] = os.loadavg().map((value) => value.toFixed(2));
  return { last1Min, last5Min, last15Min };
}

/** Cores and sockets as /proc/cpuinfo tells them; virtual machines may tell nothing. */
function topology() {
  const sockets = new Set();
  const cores = new Set();
  for (const block of text('/proc/cpuinfo').split('\n\n')) {
    const socket = /^physical id\s*:\s*(\d+)/m.exec(block)?.[1];
    const core = /^core id\s*:\s*(\d+)/m.exec(block)?.[1];
    if (socket === undefined || core === undefined) continue;
    sockets.add(socket);
    cores.add(`${socket}/${core}`);
  }
  return { sockets: sockets.size || undefined, cores: cores.size || undefined };
}

/** os-release(5) */
function release() {
  const values = Object.fromEntries([...text('/etc/os-release').matchAll(/^(\w+)="?([^"\n]*)"?$/gm)].map(([, key, value]) => [key, value]));
  return { name: values.NAME ?? os.type(), version: values.VERSION_ID };
}

/** The mounted file systems that hold data, each once. */
async function disks(changing) {
  const seen = new Set();
  const found = [];
  for (const line of text('/proc/self/mounts').split('\n')) {
    const [device, place, filesystem] = line.split(' ');
    if (filesystem === undefined || !REAL.test(filesystem) || seen.has(device)) continue;
    seen.add(device);
    const mount = place.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
    try {
      const { blocks, bavail, bsize } = await statfs(mount);
      if (blocks === 0) continue;
      const gb = (count) => Number(((count * bsize) / 1e9).toFixed(1));
      found.push({ mount, filesystem, sizeGb: gb(blocks), freeGb: changing ? gb(bavail) : undefined });
    } catch {
      // Mounted, and not ours to look at.
    }
  }
  return found;
}

function mtuOf(name) {
  const value = Number(text(`/sys/class/net/${name}/mtu`));
  return value > 0 ? value : undefined;
}

/** '' where the system has no such file. */
function text(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
