import { type ClientOptions, connect } from '../../client/index.js';
import { readFacetFolder } from '../facet-folder.js';

/** Publishes the sample documents through the strangers' door, if the directory is empty. Returns how many. */
export async function publishSamples(url: string, folder: string, options: ClientOptions): Promise<number> {
  const directory = connect(url, options);
  const { total } = await directory.page({ limit: 1 });
  if (total > 0) return 0;
  const { samples } = readFacetFolder(folder);
  let count = 0;
  for await (const _ of directory.bulk(
    samples.map(({ xml }) => xml),
    { upsert: true },
  )) {
    count++;
  }
  return count;
}
