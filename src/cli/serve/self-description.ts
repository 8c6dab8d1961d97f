/**
 * The directory publishes itself, as any service does: its address, its software and the host it runs on, with a lease that it
 * renews while it runs. What it says of itself is the same after a restart, so that makes no commit.
 */
import { cpus, hostname, machine, release, totalmem, type } from 'node:os';
import type { Caller, Directory } from '../../directory/index.js';
import { RESOURCE_NS, type Scope } from '../../model/index.js';
import { escapeText } from '../../xml/index.js';

export interface SelfOptions {
  readonly scope: Scope;
  readonly url: string;
  readonly version: string;
  readonly onFailure: (error: unknown) => void;
  /** ends the renewing; the lease then lapses by itself */
  readonly signal: AbortSignal;
}

const SELF: Caller = { principal: 'facetry' };
const MANAGER = 'self';
/** seconds without renewal before it is stale */
const TTL = 60;

/** Resolves when it is published, or with what was told to `onFailure`: a directory that cannot describe itself still serves. */
export async function describeSelf(directory: Directory, { scope, url, version, onFailure, signal }: SelfOptions): Promise<void> {
  const id = `facetry@${hostname()}:${new URL(url).port}`;
  const publish = async () => {
    await directory.put(SELF, id, new TextEncoder().encode(documentOf(scope, url, version)), {
      manager: MANAGER,
      force: true,
      lease: { ttl: TTL },
    });
  };
  await publish().catch(onFailure);
  const timer = setInterval(
    () => {
      try {
        directory.renew(SELF, id, { manager: MANAGER });
      } catch {
        // Somebody removed it, or it was never there.
        publish().catch(onFailure);
      }
    },
    (TTL / 3) * 1000,
  ).unref();
  signal.addEventListener('abort', () => clearInterval(timer));
}

function documentOf(scope: Scope, url: string, version: string): string {
  const text = escapeText;
  const [cpu] = cpus();
  return `<resource xmlns="${RESOURCE_NS}" xmlns:service="urn:facetry:service" xmlns:software="urn:facetry:software" xmlns:host="urn:facetry:host">
<name>facetry</name>
<description>This directory of resources</description>
<scope>${text(scope)}</scope>
<service:service>
  <service:name>facetry on ${text(hostname())}</service:name>
  <service:type>org.facetry.directory</service:type>
  <service:version>${text(version)}</service:version>
  <service:endpoints>
    <service:endpoint><service:url>${text(url)}</service:url><service:interface>http</service:interface><service:version>${text(version)}</service:version></service:endpoint>
  </service:endpoints>
</service:service>
<software:software>
  <software:name>facetry</software:name>
  <software:version>${text(version)}</software:version>
  <software:packaging>npm</software:packaging>
  <software:license>Apache-2.0</software:license>
</software:software>
<host:host>
  <host:hostname>${text(hostname())}</host:hostname>
  <host:cpu>${cpu === undefined ? '' : `<host:model>${text(cpu.model.trim())}</host:model>`}<host:architecture>${text(machine())}</host:architecture><host:threads>${cpus().length}</host:threads></host:cpu>
  <host:memoryMb>${Math.round(totalmem() / 2 ** 20)}</host:memoryMb>
  <host:os><host:name>${text(type())}</host:name><host:kernel>${text(release())}</host:kernel></host:os>
</host:host>
</resource>`;
}
