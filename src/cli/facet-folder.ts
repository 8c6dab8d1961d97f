/** A folder of facet interfaces: each sub-folder holds one schema and may hold sample documents. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { INTERFACE_NS, Problem } from '../model/index.js';
import { inspectSchema, type Schema } from '../xml/index.js';
import type { Settings } from './config/settings.js';
import { UsageError } from './exit-code.js';
import { FileError } from './output/file-error.js';

/** The interfaces that come with the package. */
export const SHIPPED_FACETS = fileURLToPath(new URL('../../facets', import.meta.url));

/** The folder a command was told to take, or the shipped one. */
export function facetFolderOf({
  settings,
  terminal,
}: {
  readonly settings: Pick<Settings, 'facets'>;
  readonly terminal: { readonly cwd: string };
}): string {
  return settings.facets === undefined ? SHIPPED_FACETS : resolve(terminal.cwd, settings.facets);
}

export interface FacetFolder {
  readonly schemas: readonly (Schema & { readonly path: string })[];
  readonly samples: readonly { readonly path: string; readonly xml: string }[];
}

/** Throws UsageError when there is no such folder, FileError when a schema cannot be used. */
export function readFacetFolder(folder = SHIPPED_FACETS): FacetFolder {
  if (!existsSync(folder)) throw new UsageError(`there is no folder ${folder}`, 'facet interfaces are DIR/NAME/NAME.xsd');
  const inside = (ending: string) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort()
      .flatMap((name) => {
        const files = readdirSync(join(folder, name)).filter((file) => file.endsWith(ending));
        return files.sort().map((file) => join(folder, name, file));
      });
  return {
    schemas: inside('.xsd').map(readSchema),
    samples: inside('.xml').map((path) => ({ path, xml: readFileSync(path, 'utf8') })),
  };
}

/** Whatever the folder holds, interfaces can be registered: what says so is an interface itself. */
export function withRegistry(schemas: readonly Schema[]): readonly Schema[] {
  if (schemas.some(({ ns }) => ns === INTERFACE_NS)) return schemas;
  return [...schemas, readSchema(join(SHIPPED_FACETS, 'interface', 'interface.xsd'))];
}

export function readSchema(path: string): Schema & { readonly path: string } {
  let xsd: string;
  try {
    xsd = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
  }
  try {
    const { ns } = inspectSchema(xsd);
    return { ns, xsd, path };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const violations = error.violations.length > 0 ? error.violations : [{ rule: error.code, message: error.message, hint: error.hint }];
    throw new FileError(path, xsd, violations, 5);
  }
}
